"""The migrations: what they make of a new database, of earlier homes, and that they only add.

When a migration lands, its hash is put in `LANDED`. Before the next one is written, a home at its
revision is put in `homes`: `pg_dump --no-owner --inserts` of the demo with two rows in each table.
"""

import gzip
import hashlib
import re
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from builders.databases import open_as_superuser
from builders.schema_listing import list_schema
from hstql_resources.postgres.database import Database, DatabaseError
from hstql_resources.tables import Base, Outcome
from hstql_resources.tables.migrations import HEAD, configuration
from hstql_resources.tables.migrations.baseline import find_difference
from hstql_resources.tables.migrations.comments import write_comments

# A migration that has landed never changes: databases that are past it would not get the change.
LANDED = {
    "baseline.sql": "66d0b2a6f13497b4ca8b5c9e826bb334f35df2a4a73efdbfe58b10240857c6f8",
    "v0013_baseline.py": "3b02a8c6afa63409035e385b7b091d5858407175435810b8c9b0a5483f432842",
    "v0014_remarks.py": "938311a469ab1cc8727c9f7526e6ad1ead8860c7ddd2b3d020a111fb1d95a7ae",
    "v0015_attempts.py": "446b34292038edd5b82f8300b633b7e2c249ba7e995fd76a9cbd79adef33b727",
    "v0016_states.py": "1e90b4d96f0f1776a13980d5cc7eb7fbb09bbcc7c02fce4e0386402c68ddbcfe",
    "v0017_odd_values.py": "44a67a11437527d971a0a94bcc87edd4ccca2db31dbf748975edf8c757d3cc2f",
    "v0018_home.py": "3b3b338ffb7ef81be7455d30e1c5190df1c9699aaa489c57c47e1d77b4d77ead",
    "v0019_x1d_ratio.py": "49ab7850c48fc235d4dd2a43b37a7de384474f6fe57eb5baef586c261006b01e",
    "v0020_variability.py": "3ae9a6908a914abe716616af400ebdffbd686d374f10355e71adfc90235b843d",
    "v0021_limits_and_gains.py": "1f56eb440e92d4a47889882a17532af40c82d9843be2238617b05b1f5eb4ab19",
    "v0023_extractions.py": "c6bee7718d02ce709ccdf0fe50880f8a55c7e108b71489ffc3060a27a7ed9262",
    "v0024_time_resolved.py": "52eb7775ef48b4b58b4f9e3bd23986e30cadc36d3dc632f3d85ade68ee4a5589",
    "v0022_sky.py": "81c2ca327f1033b61225964206d2b5325dc593e98758f1ebff818e03864263b2",
    "v0025_period_labels.py": "36248a0ae9f73d02991292d42ee734d61b2411e7d6acc15700c89f911dc61e83",
    "v0026_flares.py": "506f5b1b5d207b430ee8d90566a24d7d33db7e453a0233353fbfc0b4a8163a92",
    "v0027_transactions.py": "a70b63bcca1bf6a502df97eeef662b73fce6efec87554d0a00edf4b23da5fbd4",
    "v0028_set_aside.py": "2f759db8f6fa2aa67942e03c02cd6bc63d31e0d764110fa802416095d46faea9",
    "v0029_site.py": "1cb8ab983dc52fa69040d619be030c2c879173c15340d58cff5df7783a9e7a46",
    "v0030_orders_of_lists.py": "8f1a8ff78b44ded9912689cc6a46952a00b450bdac12917276e7736dc3931a2a",
    "v0031_dark_sums.py": "af2898c16cdfbade4ce44d1d1cbee09250f874a1aad259250ac239ef540098ec",
    "v0032_site_indexes.py": "ddb1f1ff651c164148326dd1acb2372fea208070715b4a273f4fcb3e74b29d13",
    "v0033_flat_gains.py": "e8934447cd89eb398da791d36815605e9a7b31df5f271e554300cea69cadf8ee",
    "v0034_keys_and_orders.py": "fe4800e1bbc01c3b789a745a3620365313eb5914e9dc8f7ad55b95528dd79f1f",
    "v0035_persistence.py": "6ca0863c3f70829464ade2c9e17c6f7f1dcf31da5f78d242e19dd87b243ad0ee",
    "v0036_camera_frames.py": "e29826662a0548361e37c2abf61ad15b8515011a2633f2a9c4fe9ad21b00198a",
    "v0037_superdarks.py": "05c90bba8e89e1aab2a341825f6531e521f73823fb196da549f780cbf52e9c5c",
    "v0038_obscore.py": "f8d92091212eda9a891e93f2b814ded508d38edcb8fb3080a6aa295ee31a389f",
    "v0039_bowtie.py": "5ec5bc1acb75abff3c6c8c920a4b2ceb09d45f7e221ee0287b1ba814e3daf5fe",
    "v0040_unstable_pixels.py": "6ec9d955de3a24949586016437b40105dbd7e3c85a129fa72bbba160943e6459",
    "v0041_selections.py": "894917f3b3771a64f13a4eb269dbc28fae5cf356c7cb7cf44fb57e233a5ba37a",
    "v0042_throughput.py": "972428f776c0e97bcff786b6ba04c188bd17be3d337557a2c42bed3e2ede7f96",
    "v0043_blobs.py": "af1c9174f8576671fe8744ea563a0a4bf0dc6de05bfc02739b01057520d3592a",
    "v0044_bad_pixel_tables.py": "c5efb09dc3b92183009d38258c2c09d6a157037e50a35d04615f1edb728d525a",
}
REMOVES = re.compile(
    r"drop_(column|table|index|constraint)|alter_column|rename_table|"
    r"\b(DROP|RENAME|TRUNCATE|ALTER\s+COLUMN)\b",
    re.IGNORECASE,
)
HOMES = sorted((Path(__file__).parent / "homes").glob("home_*.sql.gz"))
TABLES = frozenset(Base.metadata.tables)
FOLDER = files("hstql_resources.tables.migrations")
VERSIONS = sorted(path.name for path in Path(str(FOLDER / "versions")).glob("v*.py"))


def load_home(database: Database, home: Path) -> None:
    """Fill an empty database with a home that was made at a revision."""
    with closing(database.engine.raw_connection()) as connection:
        connection.cursor().execute(gzip.decompress(home.read_bytes()).decode())
        connection.commit()
    database.dispose()  # the script sets an empty search path


def read_schema(database: Database) -> list[str]:
    with database.engine.connect() as connection:
        return list_schema(connection)


def read_rows(database: Database) -> dict[str, list[dict[str, object]]]:
    names = [name for name in inspect(database.engine).get_table_names() if name in TABLES]
    return {
        name: [dict(row._mapping) for row in database.read(text(f"SELECT * FROM {name}"))]
        for name in names
    }


def assert_keeps(database: Database, before: dict[str, list[dict[str, object]]]) -> None:
    """Columns may have been added; what was in the others is still there."""
    after = read_rows(database)
    for name, rows in before.items():
        kept = [{column: row[column] for column in rows[0]} for row in after[name]] if rows else []
        assert kept == rows, name


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    yield database
    database.dispose()


def run(database: Database, statement: str) -> None:
    with database.write() as writer:
        writer.execute(text(statement))


def read_migration(name: str) -> bytes:
    folder = FOLDER / "versions" if name.endswith(".py") else FOLDER
    return (folder / name).read_bytes()


def test_a_migration_that_landed_never_changes() -> None:
    for name, digest in LANDED.items():
        assert hashlib.sha256(read_migration(name)).hexdigest() == digest, name


@pytest.mark.parametrize("name", sorted({*LANDED, *VERSIONS}))
def test_a_migration_only_adds(name: str) -> None:
    assert REMOVES.findall(read_migration(name).decode()) == []


@pytest.mark.parametrize(
    "statement",
    [
        'op.drop_column("files", "origin")',
        'op.alter_column("files", "origin", new_column_name="source")',
        'op.execute("ALTER TABLE files DROP COLUMN origin")',
        'op.execute("ALTER TABLE files RENAME origin TO source")',
    ],
)
def test_what_drops_or_renames_a_column_would_be_seen(statement: str) -> None:
    assert REMOVES.search(statement)


def test_migrations_are_one_chain_to_head(database: Database) -> None:
    with database.engine.connect() as connection:
        scripts = ScriptDirectory.from_config(configuration(connection))
    chain = [script.revision for script in scripts.walk_revisions()]
    assert chain[0] == HEAD
    assert chain == sorted(chain, reverse=True)
    assert len(chain) == len(VERSIONS)


@pytest.mark.parametrize(
    "home",
    [*(pytest.param(home, marks=pytest.mark.full) for home in HOMES[:-1]), HOMES[-1]],
    ids=lambda home: home.name,
)
def test_a_home_of_earlier_days_becomes_one_of_today(
    database: Database, empty: Database, home: Path
) -> None:
    load_home(empty, home)
    before = read_rows(empty)
    empty.migrate()
    assert read_schema(empty) == read_schema(database)
    assert_keeps(empty, before)
    assert sum(bool(rows) for rows in before.values()) > 30


@pytest.mark.full
def test_a_home_of_before_the_baseline_is_taken_over_if_its_tables_are_those(
    database: Database, empty: Database
) -> None:
    load_home(empty, HOMES[0])
    run(empty, "UPDATE alembic_version SET version_num = '0012'")
    before = read_rows(empty)
    empty.migrate()
    assert empty.read(text("SELECT version_num FROM alembic_version")) == [(HEAD,)]
    assert read_schema(empty) == read_schema(database)
    assert_keeps(empty, before)


CHANGES = {
    "ALTER TABLE outcomes DROP COLUMN changed_at": "outcomes.changed_at",
    "ALTER TABLE files ALTER COLUMN size_bytes TYPE integer": "files.size_bytes",
    "ALTER TABLE files ALTER COLUMN rootname DROP NOT NULL": "files.rootname",
    "ALTER TABLE statistics ALTER COLUMN deliver DROP DEFAULT": "statistics.deliver",
    "ALTER TABLE files DROP CONSTRAINT files_kind_check": "files.files_kind_check",
    "DROP INDEX files_rootname_idx": "files.files_rootname_idx",
}


def test_any_difference_from_the_baseline_is_found(database: Database) -> None:
    with database.engine.connect() as connection:
        assert find_difference(connection) is None
        for change, part in CHANGES.items():
            attempt = connection.begin_nested()
            connection.execute(text(f"DROP SCHEMA cosmo, hstlc, acsql, ivoa CASCADE; {change}"))
            assert find_difference(connection) == part
            attempt.rollback()


@pytest.mark.parametrize("revision", ["0007", "0012"])
def test_another_home_of_before_the_baseline_is_told_what_to_do(
    database: Database, revision: str
) -> None:
    run(database, "ALTER TABLE outcomes DROP COLUMN changed_at")
    run(database, f"UPDATE alembic_version SET version_num = '{revision}'")
    with pytest.raises(DatabaseError) as refusal:
        database.migrate()
    assert str(refusal.value) == (
        f"The tables are those of an earlier hstql (revision {revision}, without "
        "outcomes.changed_at), which this one cannot bring up to date: keep this home, and make a "
        "new one under another HSTQL_HOME."
    )
    assert database.read(text("SELECT version_num FROM alembic_version")) == [(revision,)]


def test_comments_that_differ_are_those_of_the_models_after_the_next_start(
    database: Database,
) -> None:
    before = read_schema(database)
    run(database, "COMMENT ON COLUMN outcomes.key IS 'it''s 100 % wrong'")
    run(database, "COMMENT ON TABLE outcomes IS NULL")
    assert read_schema(database) != before
    database.migrate()
    assert read_schema(database) == before


def test_comments_on_tables_of_somebody_else_are_left_alone(database: Database) -> None:
    superuser = open_as_superuser(database)
    run(superuser, "CREATE ROLE stranger; GRANT SELECT ON ALL TABLES IN SCHEMA public TO stranger")
    run(database, "COMMENT ON TABLE outcomes IS 'other'")
    try:
        with superuser.engine.connect() as connection:
            connection.execute(text("SET LOCAL ROLE stranger"))
            write_comments(connection)
            connection.commit()
        outcomes = inspect(database.engine).get_table_comment("outcomes")
        assert outcomes == {"text": "other"}
    finally:
        run(superuser, "DROP OWNED BY stranger; DROP ROLE stranger")
        superuser.dispose()


def test_a_comment_may_hold_what_means_something_to_the_driver(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Outcome.__table__.c.key, "comment", "a % and a ' and a :colon")
    database.migrate()
    columns = inspect(database.engine).get_columns("outcomes")
    assert {c["name"]: c["comment"] for c in columns}["key"] == "a % and a ' and a :colon"

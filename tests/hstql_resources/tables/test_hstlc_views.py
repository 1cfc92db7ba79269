"""The schema hstlc: the queries of the older system, and the numbers that link its tables."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from builders.databases import USUAL_RIGHTS, open_for
from builders.hstlc_rows import (
    COMPOSITE,
    NEXT_DAY,
    bad,
    composite,
    file,
    lightcurve,
    member,
    name,
    observation,
    statistics,
)
from hstql_resources import tables
from hstql_resources.postgres.address import database_url
from hstql_resources.postgres.database import Database, DatabaseError
from hstql_resources.settings import Settings
from hstql_resources.tables.old_systems.making import make_views
from hstql_resources.tables.views import VIEWS as ALL_VIEWS

VIEWS = {name: shown for name, shown in ALL_VIEWS.items() if name.startswith("hstlc.")}

# The columns of the older tables, and the Python type of each.
SHAPE = {
    "metadata": {
        "id": int, "filename": str, "path": str, "ingest_date": dt.date, "telescop": str,
        "instrume": str, "targname": str, "cal_ver": str, "obstype": str, "cenwave": int,
        "aperture": str, "detector": str, "opt_elem": str, "fppos": int,
    },
    "outputs": {
        "id": int, "metadata_id": int, "individual_path": str, "individual_filename": str,
        "composite_path": str, "composite_filename": str,
    },
    "bad_data": {"id": int, "filename": str, "ingest_date": dt.date, "reason": str},
    "stats": {
        "id": int, "lightcurve_path": str, "lightcurve_filename": str, "total": int,
        "mean": float, "mu": float, "stdev": float, "poisson_factor": float, "pearson_r": float,
        "pearson_p": float, "periodogram": bool, "deliver": bool,
    },
}  # fmt: skip


PAIR, HALF, BROKEN, IMAGE = "lpair001q", "lhalf001q", "lbroke01q", "oimage01q"


@pytest.fixture
def filled(database: Database) -> Database:
    """A good FUV pair, one with a bad A file, one all bad, a STIS image, and a dark exposure."""
    roots = (PAIR, HALF, BROKEN)
    rows: dict[type[tables.Base], list[dict[str, object]]] = {
        tables.Observation: [
            *(observation(root) for root in (*roots, "ldark001q")),
            observation(IMAGE, "stis", obs_type="IMAGING", cenwave=1995, fppos=None, aperture=None),
        ],
        tables.File: [
            *(file(root, kind) for root in roots for kind in ("corrtag_b", "corrtag_a", "x1d")),
            file(IMAGE, "tag", ".fits.gz"),
            file("ldark001q", "corrtag_a"),
        ],
        tables.TargetName: [name(root) for root in (*roots, IMAGE)],
        tables.BadData: [
            bad(f"{HALF}_corrtag_a.fits", "No events"),
            bad(f"{BROKEN}_corrtag_a.fits", "Bad EXPFLAG"),
            bad(f"{BROKEN}_corrtag_b.fits", "Unreadable"),
        ],
        tables.Lightcurve: [lightcurve(root) for root in (PAIR, HALF, IMAGE)],
        tables.Composite: [composite()],
        tables.CompositeMember: [member(PAIR, COMPOSITE), member(HALF, None)],
        tables.Statistics: [
            statistics(f"{PAIR}_curve.fits", PAIR),
            statistics(
                f"{HALF}_curve.fits", HALF, total=0.0, mean=None, mu=None, stdev=None,
                poisson_factor=None, pearson_r=None, pearson_p=None, periodogram=None,
            ),
            statistics(COMPOSITE, None, total=3e9),
            statistics("gone_curve.fits", "lgone001q"),
        ],
    }  # fmt: skip
    with database.write() as writer:
        for model, values in rows.items():
            writer.upsert(model, values)
    return database


def ask(database: Database, query: str) -> list[tuple[object, ...]]:
    """Ask as a user asks: read-only, and without hstql's own tables in the search path."""
    return [tuple(row) for row in database.query_read_only(query).rows]


@pytest.mark.parametrize("view", SHAPE)
def test_a_view_has_the_columns_of_the_old_table_in_their_order(
    filled: Database, view: str
) -> None:
    answer = filled.query_read_only(f"SELECT * FROM hstlc.{view}")
    assert answer.columns == tuple(SHAPE[view])
    assert answer.rows
    for row in answer.rows:
        for value, (column, kind) in zip(row, SHAPE[view].items(), strict=True):
            assert value is None or type(value) is kind, (column, value)


def test_what_was_never_null_is_never_null(filled: Database) -> None:
    for row in ask(filled, "SELECT * FROM hstlc.metadata"):
        assert None not in row
    for row in ask(filled, "SELECT * FROM hstlc.bad_data"):
        assert None not in row
    for *_, total, periodogram, deliver in ask(
        filled, "SELECT id, lightcurve_path, total, periodogram, deliver FROM hstlc.stats"
    ):
        assert None not in (total, periodogram, deliver)


def test_metadata_has_one_row_for_each_exposure_with_good_events(filled: Database) -> None:
    rows = ask(filled, "SELECT filename, path, ingest_date FROM hstlc.metadata ORDER BY filename")
    assert rows == [
        (f"{HALF}_corrtag_b.fits", f"/archive/lhal/{HALF}", NEXT_DAY),
        (f"{PAIR}_corrtag_a.fits", f"/archive/lpai/{PAIR}", NEXT_DAY),
        (f"{IMAGE}_tag.fits", f"/archive/oima/{IMAGE}", NEXT_DAY),
    ]


def test_a_number_that_does_not_apply_is_zero_and_a_missing_text_empty(filled: Database) -> None:
    columns = "telescop, instrume, targname, cal_ver, obstype, cenwave, aperture, fppos"
    query = f"SELECT {columns} FROM hstlc.metadata WHERE instrume = '%s'"
    assert ask(filled, query % "STIS") == [("HST", "STIS", "GWLIB", "", "IMAGING", 0, "", 0)]
    assert set(ask(filled, query % "COS")) == {
        ("HST", "COS", "GWLIB", "3.6.2", "SPECTROSCOPIC", 1291, "PSA", 3)
    }


def test_exposures_join_their_lightcurves_and_composites(filled: Database) -> None:
    rows = ask(
        filled,
        "SELECT metadata.filename, individual_path, individual_filename, composite_path, "
        "composite_filename FROM hstlc.metadata "
        "JOIN hstlc.outputs ON outputs.metadata_id = metadata.id ORDER BY metadata.filename",
    )
    folder = "/home/products/lightcurves/gwlib"
    assert rows == [
        (f"{HALF}_corrtag_b.fits", folder, f"{HALF}_curve.fits", None, None),
        (f"{PAIR}_corrtag_a.fits", folder, f"{PAIR}_curve.fits", "/home/products/composites",
         COMPOSITE),
        (f"{IMAGE}_tag.fits", folder, f"{IMAGE}_curve.fits", None, None),
    ]  # fmt: skip


def test_the_most_variable_composites_are_found_as_before(filled: Database) -> None:
    rows = ask(
        filled,
        "SELECT DISTINCT targname, total, poisson_factor, lightcurve_path FROM hstlc.stats "
        "JOIN hstlc.outputs ON outputs.composite_filename = stats.lightcurve_filename "
        "JOIN hstlc.metadata ON metadata.id = outputs.metadata_id "
        "WHERE stats.periodogram AND NOT stats.deliver AND poisson_factor < 1.2",
    )
    assert rows == [("GWLIB", 3_000_000_000, 0.9, "/home/products/composites")]


def test_statistics_without_a_lightcurve_are_left_out(filled: Database) -> None:
    rows = ask(filled, "SELECT lightcurve_filename, total, mean FROM hstlc.stats ORDER BY total")
    assert rows == [
        (f"{HALF}_curve.fits", 0, None),
        (f"{PAIR}_curve.fits", 30, 10.0),
        (COMPOSITE, 3_000_000_000, 10.0),
    ]


def test_a_total_that_is_no_number_spoils_no_query(filled: Database) -> None:
    with filled.write() as writer:
        writer.execute(text("UPDATE statistics SET total = 'NaN'"))
    assert ask(filled, "SELECT DISTINCT total FROM hstlc.stats") == [(0,)]


def test_reasons_are_handed_on_as_they_are(filled: Database) -> None:
    rows = ask(filled, "SELECT reason, ingest_date FROM hstlc.bad_data ORDER BY reason")
    assert rows == [("Bad EXPFLAG", NEXT_DAY), ("No events", NEXT_DAY), ("Unreadable", NEXT_DAY)]


def test_an_id_stays_when_its_row_is_made_again(filled: Database) -> None:
    query = "SELECT id FROM hstlc.metadata UNION ALL SELECT id FROM hstlc.stats ORDER BY 1"
    before = ask(filled, query)
    with filled.write() as writer:
        for table in ("lightcurves", "statistics", "observations"):
            writer.execute(text(f"CREATE TEMP TABLE kept ON COMMIT DROP AS TABLE {table}"))
            writer.execute(text(f"DELETE FROM {table}"))
            writer.execute(text(f"INSERT INTO {table} SELECT * FROM kept ORDER BY 1 DESC"))
            writer.execute(text("DROP TABLE kept"))
    assert ask(filled, query) == before


def test_ids_of_many_names_are_positive_differ_and_survive_as_floats(filled: Database) -> None:
    values = ", ".join(
        f"('l{number:06d}q_corrtag_a.fits', 'r', 'No events', now())" for number in range(100_000)
    )
    with filled.write() as writer:
        writer.execute(
            text(f"INSERT INTO bad_data (filename, rootname, reason, ingest_date) VALUES {values}")
        )
    ((rows, ids, smallest, exact),) = ask(
        filled,
        "SELECT count(*), count(DISTINCT id), min(id), bool_and(id::float8::bigint = id) "
        "FROM hstlc.bad_data",
    )
    assert rows == ids == 100_003
    assert smallest >= 0
    assert exact


def test_every_view_and_column_says_what_it_is(database: Database) -> None:
    inspector = inspect(database.engine)
    assert {f"hstlc.{view}" for view in inspector.get_view_names("hstlc")} == set(VIEWS)
    for view in SHAPE:
        assert inspector.get_table_comment(view, "hstlc")["text"].startswith("One row per ")
        comments = {c["name"]: c["comment"] for c in inspector.get_columns(view, "hstlc")}
        assert [column for column, comment in comments.items() if not comment] == []


def test_the_list_of_views_knows_the_tables_that_they_show(database: Database) -> None:
    usage = (
        "SELECT view_schema || '.' || view_name, table_name "
        "FROM information_schema.view_table_usage "
        "WHERE view_schema = 'hstlc' AND table_schema = 'public'"
    )
    shown = {tuple(row) for row in database.read(text(usage))}
    assert shown == {(view, table) for view, names in VIEWS.items() for table in names} | {
        ("hstlc.stats", "lightcurves"),  # only to know where the files are
        ("hstlc.stats", "composites"),
    }


def test_the_views_can_be_dropped_and_made_again_around_a_change(database: Database) -> None:
    with database.write() as writer:
        writer.execute(text("DROP SCHEMA hstlc, acsql, quicklook, cosmo, ivoa CASCADE"))
        assert inspect(writer.connection).get_schema_names() == ["information_schema", "public"]
        writer.execute(text("ALTER TABLE statistics ALTER COLUMN total TYPE real"))
        writer.execute(text("ALTER TABLE statistics ALTER COLUMN total TYPE float8"))
        make_views(writer.connection)
    assert ask(database, "SELECT count(*) FROM hstlc.stats") == [(0,)]


@pytest.fixture
def make_user(superuser_url: str) -> Iterator[Callable[..., str]]:
    """Return a function that makes a user of an empty database and returns the address for it.

    The server knows no password of the user, so it is the superuser who becomes that user.
    """
    superuser = create_engine(superuser_url)

    def make(name: str, *rights: str) -> str:
        with superuser.begin() as connection:
            connection.execute(text(f"DROP ROLE IF EXISTS {name}"))
            connection.execute(text(f"CREATE ROLE {name} LOGIN"))
            for right in (*USUAL_RIGHTS, *rights):
                connection.execute(text(right.format(name)))
        return f"{superuser_url}&options=-crole%3D{name}"

    yield make
    superuser.dispose()


def test_without_the_right_to_make_a_schema_the_user_learns_what_to_ask_for(
    make_user: Callable[..., str],
) -> None:
    database = Database(make_user("modest"))
    with pytest.raises(DatabaseError, match="CREATE SCHEMA hstlc AUTHORIZATION") as refusal:
        database.migrate()
    database.dispose()
    assert str(refusal.value).startswith("The database user modest may not make the schema hstlc")


@pytest.mark.full
def test_a_schema_that_somebody_else_made_is_enough(make_user: Callable[..., str]) -> None:
    schemas = ("hstlc", "acsql", "quicklook", "cosmo", "ivoa")
    rights = [f"CREATE SCHEMA {schema} AUTHORIZATION {{}}" for schema in schemas]
    database = open_for(make_user("humble", *rights))
    database.migrate()
    assert ask(database, "SELECT count(*) FROM hstlc.metadata") == [(0,)]
    database.dispose()


@pytest.mark.full
def test_a_user_called_hstlc_writes_to_the_tables_and_not_to_the_views(
    empty_url: str, make_user: Callable[..., str]
) -> None:
    name = make_url(empty_url).database
    address = make_user("hstlc", f"GRANT CREATE, TEMPORARY ON DATABASE {name} TO {{}}")
    database = open_for(database_url(Settings(home=Path("/nowhere"), database_url=address)))
    for _ in range(2):
        database.migrate()
        with database.write() as writer:
            writer.upsert(tables.BadData, [bad(f"{BROKEN}_x1d.fits", "Unreadable")])
    assert ask(database, "SELECT filename FROM hstlc.bad_data") == [(f"{BROKEN}_x1d.fits",)]
    database.dispose()

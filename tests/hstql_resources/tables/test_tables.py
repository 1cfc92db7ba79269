"""The tables: their comments, their types, and that the migrations make exactly the models."""

import re
from multiprocessing import get_context

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import DateTime, Double, Float, Numeric, create_engine, inspect, text

from builders.schema_listing import list_header_tables
from builders.workers import warm_workers
from hstql_resources.postgres.database import Database, DatabaseError
from hstql_resources.tables import Base
from hstql_resources.tables.migrations import HEAD, configuration
from hstql_resources.tables.transactions import METADATA

COLUMNS = [column for table in Base.metadata.tables.values() for column in table.columns]


def migrate(url: str) -> None:
    Database(url).migrate()


def test_every_table_says_what_a_row_is() -> None:
    comments = [table.comment or "" for table in Base.metadata.tables.values()]
    assert [comment for comment in comments if not comment.startswith("One row per ")] == []


def test_every_column_says_what_it_holds() -> None:
    assert [str(column) for column in COLUMNS if not column.comment] == []


def test_numbers_are_in_double_precision_and_times_have_a_zone() -> None:
    times = [column.type for column in COLUMNS if isinstance(column.type, DateTime)]
    numbers = [column.type for column in COLUMNS if isinstance(column.type, Float | Numeric)]
    assert times
    assert all(kind.timezone for kind in times)
    assert numbers
    assert all(isinstance(kind, Double) for kind in numbers)


@pytest.mark.parametrize(
    ("ending", "unit"),
    [
        ("_e_per_s", "electron/s"),
        ("_per_s", "counts/s"),
        ("_s", "s"),
        ("_deg", "deg"),
        ("_mjd", "MJD"),
        ("_bytes", "bytes"),
    ],
)
def test_a_unit_in_a_name_is_in_the_comment_too(ending: str, unit: str) -> None:
    columns = [column for column in COLUMNS if column.name.endswith(ending)]
    if ending == "_per_s":  # of electrons it is said in the name
        columns = [column for column in columns if not column.name.endswith("_e_per_s")]
    assert columns
    for column in columns:
        assert column.comment
        assert unit in re.split("[ ,;/]+" if unit == "s" else "[ ,;]+", column.comment), column


def test_the_migrated_database_is_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        dynamic = [*list_header_tables(connection), "deletions"]
        assert not Base.metadata.tables.keys() & dynamic
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_name": lambda name, kind, _: kind != "table" or name not in dynamic,
            # What triggers note is held against its own names below.
            "include_object": lambda _object, name, *_: "transaction_id" not in str(name),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_what_triggers_note_has_the_columns_that_are_asked_for(database: Database) -> None:
    for name, table in METADATA.tables.items():
        columns = {column["name"] for column in inspect(database.engine).get_columns(name)}
        assert set(table.c.keys()) <= columns


def test_the_comments_are_in_the_database(database: Database) -> None:
    comments = {
        column["name"]: column["comment"]
        for column in inspect(database.engine).get_columns("observations")
    }
    assert comments["exp_time_s"] == "EXPTIME, exposure time, s"


def test_head_is_the_last_of_the_migrations(database: Database) -> None:
    with database.engine.connect() as connection:
        scripts = ScriptDirectory.from_config(configuration(connection))
    assert scripts.get_current_head() == HEAD


def test_a_database_that_is_up_to_date_costs_one_statement(database: Database) -> None:
    before = database.statements
    database.migrate()
    assert database.statements - before == 1


@pytest.mark.full
def test_several_processes_may_migrate_a_new_database_at_once(empty_url: str) -> None:
    warm_workers()
    with get_context("forkserver").Pool(4) as pool:
        pool.map(migrate, [empty_url] * 4, chunksize=1)

    engine = create_engine(empty_url)
    with engine.connect() as connection:
        dynamic = [*list_header_tables(connection), "deletions"]
    known = {*Base.metadata.tables, *dynamic, "alembic_version"}
    assert known == {*inspect(engine).get_table_names()}
    engine.dispose()


def test_a_database_of_a_newer_hstql_is_refused_in_one_sentence(database: Database) -> None:
    with database.write() as writer:
        writer.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseError, match="written by a newer hstql"):
        database.migrate()

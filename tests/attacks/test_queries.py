"""Users' own SQL that tries for more than to read: it ends in one sentence, and nothing is done."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import psycopg2
import pytest
from sqlalchemy import URL, func, select

from hstql_assets.orchestration.planning import PlanError
from hstql_assets.orchestration.reprocessing.selection import Choice, choose
from hstql_assets.orchestration.selection import Registered
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.postgres.address import render_address
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.read_only_query import MEMORY_LIMIT_BYTES, QueryError, ask
from hstql_resources.postgres.server_access import READER
from hstql_resources.tables import Observation

ARCHIVE = SimulatedArchive(1)
SECRET = "what-no-question-may-show"
TWO = "CREATE TABLE t(i int); SELECT 1"
WRITES = "DELETE FROM observations"

SECOND_STATEMENTS = (
    f"SELECT 1 --\r; COMMIT; {TWO}",
    f"/* /* */ ' */ SELECT 1; COMMIT; {TWO} --'",
    f"SELECT 1; COMMIT; {TWO}",
    f"COMMIT; {TWO}",
    f"ROLLBACK; BEGIN READ WRITE; {TWO}",
    f"SELECT 1;\x0b{TWO}",
    f"SELECT 1\x0c;{TWO}",
    f"SELECT $a$ $b$ $a$; {TWO} -- $b$",
    f"SELECT 1 AS a$x$; {TWO}; SELECT 1 AS b$x$",
    f"SELECT 'abc\\'; {TWO}; --'",
    f"SELECT e'\\''; {TWO} --'",
    f"SELECT U&'\\'; {TWO} --'",
    f"SELECT N''';'; {TWO}",
    f'SELECT 1 AS "a"";"; {TWO}',
    f"SELECT 1 /* ' */; {TWO} /* ' */",
    f"SELECT 1; {'; ' * 50} {TWO}",
    "SELECT 1; SELECT 2",
    # Out of the string that the text travels in.
    f"SELECT 1'; {TWO}; --",
    f"SELECT 1$$; {TWO}; $$",
    f"SELECT 1; END; $$; {TWO}",
    f"'; END' ; {TWO}; --",
    f"SELECT 1 \\'; END\\'; {TWO}; --",
)
NOT_SELECT = (
    "COMMIT", "ROLLBACK", "BEGIN READ WRITE", "SAVEPOINT s", "ABORT AND CHAIN",
    "COPY (SELECT 1) TO PROGRAM 'touch {place}'", "COPY observations TO '{place}'",
    "COPY observations TO STDOUT", "COPY observations FROM PROGRAM 'echo x'",
    "DO $$ BEGIN DELETE FROM observations; END $$", "CALL version()",
    "SET ROLE hstql", "RESET ROLE", "SET SESSION AUTHORIZATION hstql", "SET LOCAL ROLE postgres",
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", "SET TRANSACTION READ WRITE",
    "CREATE TEMP TABLE t (i int)", "CREATE TEMP TABLE t AS SELECT 1", "SELECT 1 INTO TEMP t",
    "CREATE TABLE t (i int)", "SELECT 1 INTO t", "CREATE FUNCTION f() RETURNS int RETURN 1",
    "PREPARE p AS DELETE FROM observations", "EXECUTE p", "DEALLOCATE ALL",
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "FETCH ALL FROM answer", "CLOSE ALL",
    "NOTIFY hstql, 'x'", "LISTEN hstql", "LOCK TABLE observations", "VACUUM", "ANALYZE",
    "CHECKPOINT", "DISCARD ALL", "LOAD 'plpgsql'", "REINDEX DATABASE hstql",
    "ALTER ROLE hstql_reader PASSWORD 'x'", "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER SYSTEM SET fsync = off", "GRANT hstql TO hstql_reader",
    "GRANT ALL ON observations TO PUBLIC", "CREATE EXTENSION vector", "DROP TABLE observations",
    "TRUNCATE observations", "REFRESH MATERIALIZED VIEW x", "SECURITY LABEL ON ROLE x IS 'y'",
    "", ";", "-- nothing", "/* nothing */", "nonsense", "\\copy observations to x",
)  # fmt: skip
WRITING = (
    f"{WRITES} RETURNING rootname",
    f"WITH gone AS ({WRITES} RETURNING 1) SELECT * FROM gone",
    "INSERT INTO observations (rootname) VALUES ('x') RETURNING rootname",
    "UPDATE observations SET target = 'x' RETURNING rootname",
    "MERGE INTO observations USING (SELECT 1) AS s ON true WHEN MATCHED THEN DELETE RETURNING 1",
    f"EXPLAIN ANALYZE {WRITES}",
    f"EXPLAIN (ANALYZE, FORMAT json) WITH gone AS ({WRITES} RETURNING 1) TABLE gone",
    "EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1",
    "SELECT * FROM observations FOR UPDATE",
    "SELECT * FROM observations FOR SHARE",
    f"SELECT query_to_xml('{WRITES} RETURNING 1', true, true, '')",
    f"SELECT * FROM ts_stat('{WRITES} RETURNING to_tsvector(''x'')')",
)
NOT_READING = (
    "SELECT set_config('role', 'none', true), array(select word from "
    "ts_stat('select to_tsvector(''simple'', pg_read_file(''{place}''))'))",
    "SELECT set_config('role', 'hstql', true)",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT set_config('session_authorization', 'postgres', false)",
    "SELECT set_config('statement_timeout', '0', false)",
    "SELECT set_config('work_mem', '1TB', false)",
    "UPDATE pg_settings SET setting = 'hstql' WHERE name = 'role'",
    "SELECT pg_read_file('{place}')", "SELECT pg_read_binary_file('{place}')",
    "SELECT pg_ls_dir('/')", "SELECT pg_stat_file('{place}')", "SELECT pg_ls_logdir()",
    "SELECT query_to_xml('select pg_read_file(''{place}'')', true, true, '')",
    "SELECT query_to_xml('set role hstql', true, true, '')",
    "SELECT lo_import('{place}')", "SELECT lo_export(1, '{place}')", "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')", "SELECT lo_get(1)",
    "SELECT pg_sleep(1000)", "SELECT pg_sleep_for('1 day')", "SELECT pg_sleep_until('infinity')",
    "SELECT pg_advisory_lock(7521962890172432386)", "SELECT pg_try_advisory_xact_lock_shared(1)",
    "SELECT pg_advisory_unlock_all()", "SELECT pg_notify('hstql', 'x')",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity",
    "SELECT pg_logical_emit_message(false, 'x', repeat('x', 100))", "SELECT pg_export_snapshot()",
    "SELECT pg_reload_conf()", "SELECT pg_rotate_logfile()", "SELECT pg_switch_wal()",
    "SELECT pg_stat_reset()", "SELECT pg_promote()", "SELECT pg_create_restore_point('x')",
    "SELECT * FROM pg_hba_file_rules", "SELECT * FROM pg_file_settings",
    "SELECT rolpassword FROM pg_authid", "SELECT passwd FROM pg_shadow",
    "SELECT * FROM pg_largeobject", "SELECT * FROM pg_statistic", "SELECT * FROM pg_user_mapping",
    "SELECT * FROM dblink('dbname=hstql', 'select 1') AS x(i int)",
    "SELECT current_setting('data_directory')",
)  # fmt: skip
TOO_MUCH = (
    f"SELECT {'(' * 100_000}1{')' * 100_000}",
    f"SELECT 1{' + 1' * 100_000}",
    f"SELECT '{'x' * 2_000_000}'",
    "SELECT repeat('x', 300 << 20)",
    "SELECT * FROM generate_series(1, 1000001)",
    "SELECT string_agg(repeat('x', 1 << 20), '') FROM pg_proc",
    "WITH RECURSIVE n AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n",
)
FAR_TOO_MUCH = (
    "SELECT repeat('x', 500 << 20)",
    "SELECT repeat('x', (10 << 20) + oid::int % 2) FROM pg_proc",
    "SELECT array_agg(repeat('x', 1 << 20)) FROM pg_class, pg_proc",
    "SELECT CASE WHEN oid > 2000 THEN repeat('x', 1 << 20) END FROM pg_proc ORDER BY oid",
    "SELECT generate_series(1, 10000000)",
    "SELECT array_agg(repeat(i::text, 100)) FROM generate_series(1, 100000000) AS i",
    "SELECT * FROM generate_series(1, 1000000000) AS i ORDER BY random()",
)
REFUSED = (*SECOND_STATEMENTS, *NOT_SELECT, *WRITING, *NOT_READING)


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as writer:
        writer.upsert(Observation, [{"rootname": f"r{i}", "proposal_id": i} for i in range(3)])
    return database


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that all accounts may read and write."""
    place = tmp_path / "secret"
    place.write_text(SECRET)
    place.chmod(0o666)
    for folder in (tmp_path, tmp_path.parent):
        folder.chmod(0o777)
    return place


def refuse(database: Database, query: str) -> str:
    """Ask what is refused; return the sentence."""
    with pytest.raises(QueryError) as refusal:
        database.query_read_only(query)
    sentence = str(refusal.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert SECRET not in sentence
    return sentence


def is_untouched(database: Database) -> bool:
    """Tell whether there is nothing but what was there."""
    found = database.read(select(func.count()).select_from(Observation))
    new = database.query_read_only("SELECT to_regclass('t'), to_regrole('t')")
    return found == [(3,)] and new.rows == ((None, None),)


def test_what_does_more_than_read_is_refused(filled: Database, secret: Path) -> None:
    for query in REFUSED:
        refuse(filled, query.replace("{place}", str(secret)))
    assert is_untouched(filled)
    assert secret.read_text() == SECRET


def test_a_second_statement_is_told_as_such(filled: Database) -> None:
    assert "Only one statement" in refuse(filled, "SELECT 1; SELECT 2")
    assert "begin it with SELECT" in refuse(filled, "DROP TABLE observations")


def test_a_condition_of_reprocess_is_asked_in_the_same_way(filled: Database, secret: Path) -> None:
    conditions = (
        *SECOND_STATEMENTS[:3],
        *(f"true); {text}; SELECT (1" for text in (*SECOND_STATEMENTS[:3], *NOT_SELECT[:9])),
        *(f"true) UNION ALL ({text}" for text in (*WRITING, *NOT_READING[:9])),
    )
    for condition in conditions:
        query = condition.replace("{place}", str(secret))
        with pytest.raises(PlanError) as refusal:
            choose(filled, ARCHIVE, Registered(frozenset({"r0"})), Choice(where=query))
        assert SECRET not in str(refusal.value)
    assert is_untouched(filled)


def test_what_asks_for_too_much_ends_soon(filled: Database) -> None:
    for query in TOO_MUCH:
        end_soon(filled, query, timedelta(seconds=2))


@pytest.mark.full
@pytest.mark.parametrize("query", FAR_TOO_MUCH)
def test_what_asks_for_far_too_much_ends_soon(filled: Database, query: str) -> None:
    end_soon(filled, query, timedelta(seconds=30))


def end_soon(database: Database, query: str, limit: timedelta) -> None:
    memory_bytes = psutil.Process().memory_info().rss
    with pytest.raises(QueryError) as refusal:
        ask(database.engine.url.set(username=READER), query, limit)
    assert "\n" not in str(refusal.value)
    assert psutil.Process().memory_info().rss - memory_bytes < 2 * MEMORY_LIMIT_BYTES


@pytest.mark.parametrize(
    "query",
    [
        "SELECT rootname FROM observations -- all; of them",
        "  \n-- first a comment\nSELECT 1;",
        "VALUES (1), (2)",
        "TABLE observations",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 9) TABLE n",
        "EXPLAIN ANALYZE SELECT * FROM observations",
        "SHOW ALL",
        "SELECT 100 % 7 AS \"50 %\", '%s', '{}', '$1', E'\\\\'",
        "SELECT relname FROM pg_class",
        "SELECT column_name FROM information_schema.columns",
    ],
)
def test_what_reads_goes_on_working(filled: Database, query: str) -> None:
    assert filled.query_read_only(query).rows


@pytest.mark.parametrize("query", ["SELECT '\0'", "SELECT '\ud800'", "SELECT date '0044-03-15 BC'"])
def test_what_neither_side_can_express_is_one_sentence(filled: Database, query: str) -> None:
    assert "cast it to text" in refuse(filled, query)


def test_what_is_made_later_can_be_read_at_once(filled: Database) -> None:
    made = (
        "CREATE TABLE later AS SELECT 1 AS one",
        "CREATE SCHEMA lab",
        "CREATE VIEW lab.two AS SELECT one + 1 FROM later",
        "CREATE MATERIALIZED VIEW lab.three AS SELECT one + 2 FROM later",
    )
    with filled.write() as writer:
        for statement in made:
            writer.connection.exec_driver_sql(statement)
    for table, value in (("later", 1), ("lab.two", 2), ("lab.three", 3)):
        assert filled.query_read_only(f"SELECT * FROM {table}").rows == ((value,),)


@pytest.fixture
def reader(filled: Database) -> Iterator["psycopg2.extensions.connection"]:
    """The login itself, as somebody has it who does not go through hstql."""
    address: URL = filled.engine.url.set(username=READER)
    connection = psycopg2.connect(render_address(address, hide_password=False))
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        WRITES,
        "CREATE TABLE t (i int)",
        "CREATE SCHEMA t",
        "CREATE ROLE t",
        "CREATE DATABASE t",
        "SET ROLE hstql",
        "SET SESSION AUTHORIZATION postgres",
        "SET temp_file_limit = -1",
        "COPY observations TO PROGRAM 'true'",
        "COPY observations FROM PROGRAM 'true'",
        "SELECT lo_create(0)",
        "SELECT pg_advisory_lock(1)",
        "DO $$ BEGIN DELETE FROM observations; END $$",
        "TRUNCATE observations",
    ],
)
def test_the_login_alone_can_do_no_more(
    filled: Database, reader: "psycopg2.extensions.connection", statement: str
) -> None:
    cursor = reader.cursor()
    cursor.execute("SET default_transaction_read_only = off")
    with pytest.raises(psycopg2.Error):
        cursor.execute(statement)
    assert is_untouched(filled)


def test_the_tables_of_dagster_and_of_the_server_are_closed_to_the_login(
    filled: Database,
) -> None:
    for name in ("dagster", "postgres", "template1"):
        address = filled.engine.url.set(username=READER, database=name)
        with pytest.raises(QueryError, match="pg_hba"):
            ask(address, "SELECT 1")

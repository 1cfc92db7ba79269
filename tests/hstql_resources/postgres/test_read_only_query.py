"""A user's own SQL: what is answered, and what is refused."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hstql_resources.postgres.database import Database
from hstql_resources.postgres.read_only_query import QueryError, ask
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.postgres.server_access import READER
from hstql_resources.tables import Observation


@pytest.fixture
def filled(database: Database) -> Database:
    rows = [{"rootname": f"r{i}", "proposal_id": i} for i in range(3)]
    with database.write() as writer:
        writer.upsert(Observation, rows)
    return database


def test_a_query_gives_names_and_rows(filled: Database) -> None:
    answer = filled.query_read_only(
        "SELECT rootname, proposal_id FROM observations WHERE rootname LIKE 'r%' ORDER BY 1;"
    )
    assert answer.columns == ("rootname", "proposal_id")
    assert answer.rows == (("r0", 0), ("r1", 1), ("r2", 2))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ';' AS x -- one; two",
        "SELECT /* ; */ 1 ;  ",
        "SELECT E'it\\'s; ok', $tag$ ; $tag$, $$;$$, 'it''s;'",
        'SELECT 1 AS "semi;colon"',
        "WITH one AS (SELECT 1) TABLE one",
        "EXPLAIN SELECT * FROM observations",
        "SHOW server_version",
        "/* ; /* ; */ DROP TABLE observations; */ SELECT 1",
    ],
)
def test_semicolons_that_end_nothing_are_allowed(filled: Database, query: str) -> None:
    assert filled.query_read_only(query).rows


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1; DROP TABLE observations",
        "COMMIT; DROP TABLE observations",
        "SELECT 'abc\\'; DROP TABLE observations; --'",
        "SELECT 1 AS a$x$; DROP TABLE observations; SELECT 1 AS b$x$",
        "SELECT '; DROP TABLE observations",
    ],
)
def test_a_second_statement_is_refused(filled: Database, query: str) -> None:
    with pytest.raises(QueryError):
        filled.query_read_only(query)
    assert filled.read(select(func.count()).select_from(Observation)) == [(3,)]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM observations RETURNING rootname",
        "WITH gone AS (DELETE FROM observations RETURNING 1) SELECT * FROM gone",
        "DROP TABLE observations",
        "SELECT set_config('transaction_read_only', 'off', false) FROM observations",
        "DO $$ BEGIN DELETE FROM observations; END $$",
    ],
)
def test_whatever_writes_is_refused(filled: Database, query: str) -> None:
    with pytest.raises(QueryError, match="refused the query"):
        filled.query_read_only(query)
    assert filled.read(select(func.count()).select_from(Observation)) == [(3,)]


def test_the_server_writes_no_file_for_a_query(filled: Database, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(QueryError, match="begin it with SELECT"):
        filled.query_read_only(f"COPY observations TO '{tmp_path}/stolen'")
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_query_is_answered_in_one_sentence(filled: Database) -> None:
    with pytest.raises(QueryError) as refusal:
        filled.query_read_only("SELECT colour FROM observations")
    assert str(refusal.value) == ('The database refused the query: column "colour" does not exist.')


def test_a_statement_without_rows_says_how_to_begin(filled: Database) -> None:
    with pytest.raises(QueryError, match="begin it with SELECT"):
        filled.query_read_only("SET timezone = 'UTC'")


def test_a_query_that_takes_too_long_is_given_up(filled: Database) -> None:
    with pytest.raises(QueryError, match="statement timeout"):
        ask(
            filled.engine.url.set(username=READER),
            "SELECT count(*) FROM generate_series(1, 10000000000)",
            limit=timedelta(milliseconds=50),
        )


def test_a_query_leaves_the_connection_able_to_write(
    filled: Database, postgres: EmbeddedPostgres
) -> None:
    filled.query_read_only("SELECT 1")
    with filled.write() as writer:
        assert writer.upsert(Observation, [{"rootname": "later"}]) == 1

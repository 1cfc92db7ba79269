"""Questions to many observations: none of them reads a large table from end to end."""

import importlib
from types import ModuleType

import pytest

from builders.places import PROJECT
from hstql_resources.postgres.database import Database

COUNT = 20_000
WHOLE = {"exposures in a square degree"}  # there is no index on positions


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    """The module that measures the same at the size of an archive."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(PROJECT / "benchmarks")
        return importlib.import_module("queries")


@pytest.mark.full
def test_questions_are_answered_by_indexes(database: Database, benchmark: ModuleType) -> None:
    benchmark.fill(database, COUNT)
    answers = {
        question: len(database.query_read_only(query).rows)
        for question, query in benchmark.QUESTIONS.items()
    }
    assert {question for question, rows in answers.items() if not rows} <= WHOLE
    scans = {
        question: benchmark.find_scans(database, query)
        for question, query in benchmark.QUESTIONS.items()
    }
    assert {question for question, tables in scans.items() if tables} <= WHOLE


def test_a_query_without_an_index_is_seen_to_read_the_whole_table(
    database: Database, benchmark: ModuleType
) -> None:
    benchmark.fill(database, COUNT // 10)
    query = "SELECT rootname FROM acsql.wfc_raw_0 WHERE lower(targname) = 'ngc104'"
    assert benchmark.find_scans(database, query) == ["acs_wfc_raw_primary"]

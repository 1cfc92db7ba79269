"""The function that compares texts of all rows names none that the person may not see."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from builders.site_rows import ALL, EXPOSURES, HEADER_TABLE, MEMBER, OPEN, Station, word
from hstql_resources.site.session import Viewer

ASK = text("SELECT site_find_like(:relation, :name, :patterns, :most)")
SEEN = {"rea": {*OPEN}, MEMBER: {*EXPOSURES} - {"jund01a1q"}, ALL: {*EXPOSURES}}


def find(
    station: Station, person: str, relation: str, name: str, *patterns: str, most: int = 100
) -> set[str] | None:
    values = {"relation": relation, "name": name, "patterns": list(patterns), "most": most}
    with station.site.open(Viewer(person)) as (connection, _):
        found = connection.scalar(ASK, values)
    return None if found is None else set(found)


@pytest.fixture(params=["read", "indexed"])
def headers(request: pytest.FixtureRequest, station: Station) -> Iterator[str]:
    """A table of headers, without and with an index of the text."""
    with station.database.write() as writer:
        if request.param == "indexed":
            writer.execute(text(f"CREATE INDEX of_names ON {HEADER_TABLE} (targname)"))
    yield HEADER_TABLE
    with station.database.write() as writer:
        writer.execute(text("DROP INDEX IF EXISTS of_names"))


@pytest.mark.parametrize("person", SEEN)
@pytest.mark.parametrize("patterns", [("%ECRE%",), ("_pe%", "%ECRE%"), ("%none%",), ("%",)])
def test_each_finds_what_they_may_see(
    station: Station, headers: str, person: str, patterns: tuple[str, ...]
) -> None:
    parts = [one.strip("%_") for one in patterns]
    wanted = {name for name in SEEN[person] if any(part in word(name) for part in parts)}
    assert find(station, person, headers, "targname", *patterns) == wanted
    assert find(station, person, "observations", "rootname", "_pub%") == {
        name for name in SEEN[person] if name[1:4] == "pub"
    }


def test_more_than_is_asked_for_are_none(station: Station, headers: str) -> None:
    assert find(station, "rea", headers, "targname", "%", most=len(OPEN)) == {*OPEN}
    assert find(station, "rea", headers, "targname", "%", most=len(OPEN) - 1) is None
    # Those that are closed do not count.
    assert find(station, "rea", headers, "targname", "%ECRE%", most=0) == set()


@pytest.mark.parametrize(
    ("relation", "name"),
    [
        ("people", "person"), ("pg_authid", "rolname"), ("files", "filename"), ("runs", "command"),
        ("headers", "filename"), ("observations", "exp_time_s"), ("observations", "xmin"),
        ("observations", "none"), ('observations"; --', "rootname"), (HEADER_TABLE, "ext"),
    ],
)  # fmt: skip
def test_other_tables_and_columns_are_not_compared(
    station: Station, relation: str, name: str
) -> None:
    assert find(station, ALL, relation, name, "%") is None


def test_a_pattern_that_might_fail_is_not_tried(station: Station) -> None:
    for pattern in ("%\\", "secret\\", "\\\\\\"):
        assert find(station, ALL, HEADER_TABLE, "targname", pattern) is None
    assert find(station, ALL, HEADER_TABLE, "targname", "%\\\\") == set()

"""How often anomalies were flagged: counted anew when that changes, for each who sees others."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from sqlalchemy import event, text
from starlette.testclient import TestClient

from builders.site_rows import ALL, MEMBER, Station

KIND = "dragons_breath"
FLAGGED = ("jpub01a1q", "jpub01a2q", "jsec01a1q", "jund01a1q")
MONTHS = {"jpub01a1q": "2020-05-31", "jpub01a2q": "2020-07-01", "jsec01a1q": "2020-07-02",
          "jund01a1q": "no date"}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _flags(station: Station) -> None:
    with station.database.write() as writer:
        for name in FLAGGED:
            row = {"n": name, "k": KIND, "d": MONTHS[name]}
            for statement in (
                "UPDATE observations SET date_obs = :d WHERE rootname = :n",
                "INSERT INTO anomaly_flags (rootname, kind, set_by) VALUES (:n, :k, 'tim')",
            ):
                named = {name: row[name] for name in re.findall(r":(\w)", statement)}
                writer.execute(text(statement).bindparams(**named))


@cache
def client(station: Station, person: str) -> TestClient:
    return station.client(person)


def read_counts(station: Station, person: str) -> tuple[str, list[tuple[str, str]], bool]:
    """Return what the page says: exposures of the kind, by month, and whether some have none."""
    page = client(station, person).get("/anomalies").text
    whole = re.search(rf'anomaly={KIND}">[^<]+</a></td><td class="number">(\d+)', page)
    rows = re.findall(r'<tr><td>(\d{4}-\d\d)</td><td class="number">(\d+)</td></tr>', page)
    return whole[1], [row for row in rows if row[1] != "0"], "1 of no known time" in page


def test_each_sees_counts_of_what_they_may_see(station: Station) -> None:
    both = [("2020-05", "1"), ("2020-07", "1")]
    assert read_counts(station, "rea") == ("2", both, False)
    assert read_counts(station, MEMBER) == ("3", [both[0], ("2020-07", "2")], False)
    assert read_counts(station, ALL) == ("4", [both[0], ("2020-07", "2")], True)
    assert read_counts(station, "rea") == ("2", both, False)


@pytest.fixture
def statements(station: Station) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(station.site.engine, "before_cursor_execute", note)
    yield found
    event.remove(station.site.engine, "before_cursor_execute", note)


def count_again(statements: list[str]) -> int:
    counted = sum("GROUP BY observations.instrument" in one for one in statements)
    statements.clear()
    return counted


def test_they_are_counted_when_a_flag_is_set_or_taken_back_and_not_before(
    station: Station, statements: list[str]
) -> None:
    read_counts(station, "flo")
    statements.clear()
    assert read_counts(station, "flo")[0] == "2"
    assert count_again(statements) == 0
    flagging = {"rootnames": ["jpub01010"], "kind": KIND}
    client(station, "flo").post("/api/v1/flags", json=flagging)
    assert read_counts(station, "flo")[0] == "3"
    assert count_again(statements) == 1
    client(station, "flo").post("/api/v1/flags", json=flagging | {"is_set": False})
    assert read_counts(station, "flo")[0] == "2"
    assert count_again(statements) == 1
    assert read_counts(station, "rea")[0] == "2"
    assert count_again(statements) == 0  # who sees the same

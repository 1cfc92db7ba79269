"""What is closed cannot be guessed either: an answer is the same as if it were not there at all."""

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import quote

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from builders.site_rows import ALL, HEADER_TABLE, HIDDEN, OPEN, Station
from hstql_resources.sky_index import index_place
from hstql_web.app import find_pages
from hstql_web.queries.lists import SORTS

READER, PROBER = "rea", "flo"
# Of an exposure that is closed, and the same of one that does not exist, as long as the other.
ABSENT = {
    "jsec01a1q": "jnon01a1q", "lsec01a1q": "lnon01a1q", "jund01a1q": "jnon02a1q",
    "secret-star": "absent-star", "SECRET": "ABSENT", "300": "301",
}  # fmt: skip
PATHS = {
    "filename": ("jsec01a1q_flt.fits", "jund01a1q_flt.fits"), "number": ("1",), "ext": ("1",),
    "form": ("csv",), "proposal": ("300",), "kind": ("ghost",), "target": ("secret-star",),
}  # fmt: skip
# The SQL beside a form has the same values in another way.
SQL = re.compile(r'<pre id="sql".*?</pre>|"sql":".*?(?<!\\)"', re.DOTALL)
LISTS = (
    "/exposures?", "/exposures?view=table&", "/query?", "/query/hits?", "/trends?", "/trends.csv?",
    "/export/exposures.csv?", "/export/exposures.json?", "/export/exposures.ids?",
    "/export/exposures.votable?", "/api/v1/exposures?",
)  # fmt: skip
# What is true of closed exposures alone, and the same of none.
GUESSES = (
    ("proposal=300", "proposal=301"),
    ("target=secret-star", "target=absent-star"),
    ("target_name=SECRET*", "target_name=ABSENT*"),
    ("target_name=*SECRET*", "target_name=*ABSENT*"),
    (f"where={HEADER_TABLE}.targname = *ECRE*", f"where={HEADER_TABLE}.targname = *BSEN*"),
    ("rootname=jund01a1q", "rootname=jnon02a1q"),
    ("rootname=jund*", "rootname=jnon*"),
    ("exp_time_s=105", "exp_time_s=115"),
    ("begin=2020-06-05&end=2020-06-05", "begin=2021-06-05&end=2021-06-05"),
    ("cone=50 60 60", "cone=70 60 60"),
    (f"where={HEADER_TABLE}.targname = SECRET", f"where={HEADER_TABLE}.targname = ABSENT"),
    ("where=bad_data.reason = SECRET*", "where=bad_data.reason = ABSENT*"),
    ("where=files.origin = SECRET", "where=files.origin = ABSENT"),
    ("where=files.filename = jund01a1q_flt.fits", "where=files.filename = jnon02a1q_flt.fits"),
    ("where=public_from > 2900-01-01", "where=public_from > 3900-01-01"),
)  # fmt: skip


@cache
def client(station: Station, person: str) -> TestClient:
    return station.client(person)


@pytest.fixture(scope="module", autouse=True)
def _marks(station: Station) -> None:
    """A place, a flag and looks that only closed exposures have."""
    cell = index_place(50.0, 60.0)
    with station.database.write() as writer:
        for statement in (
            f"UPDATE observations SET ra_deg = 50, dec_deg = 60, sky_cell = {cell} "
            "WHERE rootname = 'jund01a1q'",
            "INSERT INTO anomaly_flags (rootname, kind, set_by) "
            "VALUES ('jund01a1q', 'dragons_breath', 'tim')",
            "INSERT INTO looks (rootname, person) VALUES ('jund01a1q', 'tim')",
        ):
            writer.execute(text(statement))


def ask(station: Station, address: str, person: str = READER) -> tuple[int, str, str]:
    """Return status, type and text of an answer, without SQL."""
    answer = client(station, person).get(quote(address, safe="/?=&%+"), follow_redirects=False)
    kind = answer.headers.get("content-type", "")
    said = answer.headers.get("location", "") + SQL.sub("", answer.content.decode("latin-1"))
    return answer.status_code, kind, said


def forget(told: str) -> str:
    """Return what was told, with the names of what is closed as those of what is not there."""
    for name, other in ABSENT.items():
        told = told.replace(name, other).replace(name.lower(), other.lower())
    return told


def find_routes() -> Iterator[str]:
    for page in find_pages():
        for route in page.ROUTER.routes:
            if "GET" in route.methods and "{" in route.path and "{rootname" not in route.path:
                yield route.path


@pytest.mark.parametrize("route", sorted(find_routes()))
def test_what_is_closed_answers_as_what_is_not_there(station: Station, route: str) -> None:
    addresses = [route]
    for name in re.findall(r"{(\w+)(?::\w+)?}", route):
        pattern = re.compile(rf"{{{name}(:\w+)?}}")
        addresses = [
            pattern.sub(value, one) for one in addresses for value in PATHS.get(name, ("1",))
        ]
    for address in addresses:
        closed, absent = ask(station, address), ask(station, forget(address))
        assert (closed[0], closed[1], forget(closed[2])) == (absent[0], absent[1], absent[2])


@pytest.mark.parametrize(("guess", "absent"), GUESSES)
def test_no_list_trend_or_export_confirms_a_guess(
    station: Station, guess: str, absent: str
) -> None:
    assert len(guess) == len(absent)
    echoed = find_differences(guess, absent)
    for where in LISTS:
        told, untrue = ask(station, where + guess), ask(station, where + absent)
        assert told[:2] == untrue[:2] == (200, told[1]), where
        assert len(told[2]) == len(untrue[2]), where
        assert find_differences(told[2], untrue[2]) <= echoed, where


def find_differences(one: str, other: str) -> set[tuple[str, str]]:
    """Return the pairs of characters in which texts of one length differ, in lower case."""
    pairs = zip(one.lower(), other.lower(), strict=True)
    return {(left, right) for left, right in pairs if left != right}


@pytest.mark.parametrize("order", [f"{sign}{name}" for name in SORTS for sign in ("", "-")])
def test_no_order_of_a_list_leads_to_what_is_closed(station: Station, order: str) -> None:
    names: list[str] = []
    address = f"/api/v1/exposures?limit=1&sort={quote(order)}"
    while address:
        page = client(station, READER).get(address).json()
        names += [one["rootname"] for one in page["exposures"]]
        address = page["next"]
    assert sorted(names) == sorted(OPEN)
    for name in OPEN:
        page = client(station, READER).get(f"/exposure/{name}?sort={quote(order)}").text
        leads = set(re.findall(r"/exposure/(\w{9})", page))
        assert leads <= {*OPEN}
    for name in HIDDEN:
        answer = client(station, READER).get(f"/exposures?sort={quote(order)}&behind={name}")
        assert answer.status_code == 404


def test_no_anomaly_is_seen_of_what_is_closed(station: Station) -> None:
    for address in (one for one in LISTS if one.startswith(("/export", "/api", "/trends.csv"))):
        some = client(station, READER).get(f"{address}anomaly=dragons_breath").text
        assert some == client(station, READER).get(f"{address}anomaly=bias_striping").text
        assert "jund01a1q" in client(station, ALL).get(f"{address}anomaly=dragons_breath").text


def test_counts_are_of_what_is_seen(station: Station) -> None:
    hits = client(station, READER).get("/query/hits").json()["hits"]
    assert hits == f"{len(OPEN)} exposures"
    assert client(station, ALL).get("/query/hits").json()["hits"] == "10 exposures"
    page = client(station, READER).get("/anomalies").text
    assert "jund01a1q" not in page
    assert "jund01a1q" in client(station, ALL).get("/anomalies").text
    listed = client(station, READER).get("/api/v1/proposals").json()["proposals"]
    assert [one["proposal_id"] for one in listed] == [100, 200]  # of which one exposure is open
    assert client(station, READER).get("/api/v1/proposals/300/filenames").json() == {
        "filenames": []
    }


def test_what_one_writes_about_what_is_closed_answers_as_if_it_were_not_there(
    station: Station,
) -> None:
    browser = client(station, PROBER)
    for name in (*HIDDEN, "jnon01a1q"):
        asked = {"rootnames": [name], "kind": "ghost"}
        assert browser.post("/api/v1/flags", json=asked).json() == {"changed": 0}
        assert browser.post("/api/v1/flags", json=asked | {"is_set": False}).json() == {
            "changed": 0
        }
        assert browser.post("/api/v1/looks", json={"rootnames": [name]}).json() == {"changed": 0}
    unset = {"rootnames": ["jund01a1q"], "kind": "dragons_breath", "is_set": False}
    assert browser.post("/api/v1/flags", json=unset).json() == {"changed": 0}


@pytest.mark.parametrize(
    "colour", ["public_from", "target_name", "bad_data.reason", "files.origin"]
)
def test_the_colour_of_a_trend_has_no_value_of_what_is_closed(
    station: Station, colour: str
) -> None:
    page = client(station, READER).get(f"/trends?colour={colour}").text
    told = client(station, READER).get(f"/trends.csv?colour={colour}").text
    for name in ("SECRET", "2999", *HIDDEN):
        assert name not in page + told

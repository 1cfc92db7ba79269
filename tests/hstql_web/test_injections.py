"""Scripts in names and SQL in fields: on every page, in every parameter and every form."""

import inspect
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser

import pytest
from sqlalchemy import text
from starlette.routing import Route
from starlette.testclient import TestClient

from builders.dagster_rows import COMMAND, RUN
from builders.site_rows import HEADER_TABLE, Station
from hstql_web.app import find_pages
from hstql_web.choosing import FIELDS, SEVERAL, SINGLE

SCRIPT = (
    "</script></title></textarea></pre>\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
)
OPEN_PARTS = {
    "rootname": "jpub01a1q", "filename": "jpub01a1q_flt.fits", "number": "1", "ext": "1",
    "form": "csv", "proposal": "100", "kind": "ghost", "target": "open-star",
    "run": RUN, "command": COMMAND,
}  # fmt: skip
NAMED = r"{(\w+)(:\w+)?}"
# Texts that come from headers, archives, people and logs.
HOSTILE = (
    "UPDATE observations SET target_name = :s, filter = :s, visit = :s, detector = :s, "
    "opt_elem = :s, image_type = :s, aperture = :s, remarks = :s, exp_flag = :s",
    "UPDATE proposals SET title = :s, investigator_last = :s, investigator_first = :s",
    "UPDATE files SET origin = :s, cal_ver = :s",
    "UPDATE previews SET note = :s, unit = :s, place = :s",
    "UPDATE outcomes SET reason = :s, remarks = :s",
    "UPDATE bad_data SET reason = :s, detail = :s",
    "UPDATE comments SET text = :s, written_by = :s",
    "UPDATE monitor_states SET title = :s, summary = :s",
    f"UPDATE {HEADER_TABLE} SET targname = :s",
    f"COMMENT ON COLUMN {HEADER_TABLE}.exptime IS '</td><script>alert(1)</script>'",
    "UPDATE anomaly_kinds SET label = :s, description = :s, source = :s",
    "INSERT INTO anomaly_flags (rootname, kind, set_by) VALUES ('jpub01a1q', :s, :s)",
    "INSERT INTO looks (rootname, person) VALUES ('jpub01a1q', :s)",
    "INSERT INTO saved_queries (name, person, address) VALUES (:s, :s, 'target_name=' || :s)",
    "INSERT INTO people (person, role) VALUES (:s, 'admin')",
    "INSERT INTO proposal_access (person, proposal_id, granted_by) VALUES (:s, 100, :s)",
    "INSERT INTO runs (id, command, started_at) VALUES (:s, :s, now())",
)  # fmt: skip
SQL = (
    "'; DROP TABLE observations; --", "' OR '1'='1", "1) OR (1=1",
    "x' UNION SELECT person FROM people --", "\\'; SELECT pg_sleep(9); --", "%' OR true --",
    "1; SELECT 1", "$$; DROP TABLE files; $$", "{login}", ":count", "%(x)s", "\x00",
    "\ud7ff\u202e", "9" * 400, "-1", "1e400", "NaN", "[]", "null",
)  # fmt: skip


class Tags(HTMLParser):
    """What of a page a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.found.append(self.get_starttag_text() or tag)
        for name, value in given.items():
            is_odd = (value or "").strip().lower().startswith(("javascript:", "data:text"))
            if name.startswith("on") or is_odd:
                self.found.append(self.get_starttag_text() or tag)


def find_routes(method: str) -> Iterator[Route]:
    for page in find_pages():
        yield from (route for route in page.ROUTER.routes if method in route.methods)


def fill_in(route: Route) -> str:
    """Return the address of a route, with the names of an exposure that is open."""
    return re.sub(NAMED, lambda found: OPEN_PARTS.get(found[1], "1"), route.path)


@cache
def client(station: Station) -> TestClient:
    return station.local()


@pytest.fixture(scope="module")
def hostile(station: Station) -> None:
    with station.database.write() as writer:
        for statement in HOSTILE:
            named = {"s": SCRIPT} if ":s" in statement else {}
            writer.execute(text(statement).bindparams(**named))


QUERIES = (
    "", "?view=table", f"?view=table&column={HEADER_TABLE}.targname&column=bad_data.reason",
    f"?colour={HEADER_TABLE}.targname&x=exp_time_s&y=exp_time_s", "?find=exptime", "?other=",
)  # fmt: skip


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("route", sorted(find_routes("GET"), key=lambda one: one.path),
                         ids=lambda one: one.path)  # fmt: skip
def test_no_page_runs_what_stands_in_a_table(station: Station, route: Route) -> None:
    for query in QUERIES:
        answer = client(station).get(fill_in(route) + query)
        assert answer.status_code < 500
        if answer.headers.get("content-type", "").startswith("text/html"):
            seen = Tags()
            seen.feed(answer.text)
            assert seen.found == []
            assert "<img src=x" not in answer.text


def find_parameters(route: Route) -> set[str]:
    """Return the names of what an address takes behind the ?; those of lists for one of them."""
    of_lists = {*SEVERAL, *SINGLE, *FIELDS, "where", "column", "sort"}
    in_path = {name for name, _ in re.findall(NAMED, route.path)}
    own = set(inspect.signature(route.endpoint).parameters) - in_path - {"visit", "listing"}
    return own | (of_lists if route.path == "/api/v1/exposures" else set())


@pytest.mark.parametrize("route", sorted(find_routes("GET"), key=lambda one: one.path),
                         ids=lambda one: one.path)  # fmt: skip
def test_sql_in_every_parameter_is_a_value_or_refused(station: Station, route: Route) -> None:
    names = find_parameters(route)
    for name in sorted(names):
        for typed in SQL if len(names) < len(FIELDS) else SQL[:6]:
            answer = client(station).get(fill_in(route), params={name: typed})
            assert answer.status_code < 500, (name, typed, answer.text)
            assert "psycopg" not in answer.text
            assert "syntax error" not in answer.text
    assert count_rows(station) == 10


@pytest.mark.parametrize("route", sorted(find_routes("GET"), key=lambda one: one.path),
                         ids=lambda one: one.path)  # fmt: skip
def test_sql_in_a_path_is_no_name(station: Station, route: Route) -> None:
    for name, _ in re.findall(NAMED, route.path):
        for typed in SQL:
            parts = {**OPEN_PARTS, name: typed}
            path = re.sub(NAMED, lambda found, parts=parts: parts.get(found[1], "1"), route.path)
            answer = client(station).get(path.replace("%", "%25").replace("\x00", "%00"))
            assert answer.status_code in (200, 303, 404, 422), (path, answer.text)
    assert count_rows(station) == 10


def count_rows(station: Station) -> int:
    return int(station.database.read(text("SELECT count(*) FROM observations"))[0][0])

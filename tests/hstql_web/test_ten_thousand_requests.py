"""Ten thousand requests: pages, refusals and mistakes of ten people, and one who asks too much."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
import requests
from sqlalchemy import text

from builders.site_process import ServedSite, add_exposures, open_tables, serve_site
from builders.site_rows import FUTURE, NOW, PAST
from builders.station import Station, open_station
from hstql_resources import tables
from hstql_web.guard import BURST, PER_S

pytestmark = pytest.mark.full
NAMES = [f"jtst{number:04d}q" for number in range(40)]
LIMIT_S = 600
PEOPLE, ROUNDS, TOO_MANY = 10, 25, 5_000
GROWTH_MB = 30  # above what the site takes after two rounds of each person
MOST_CONNECTIONS, MOST_FILES, MOST_THREADS = 25, 200, 100
# What nobody may see who does not see everything, what is not there, what cannot be meant.
PAGES = {
    "/": 200, "/exposures": 200, "/exposures?view=table": 200, f"/exposure/{NAMES[0]}": 200,
    "/query": 200, "/query/hits?exp_time_s=>1": 200, "/trends": 200, "/anomalies": 200,
    "/targets": 200, "/api/v1/exposures": 200, "/export/exposures.csv": 200,
    "/search?q=jtst0001q": 303, "/static/site.css": 200, "/people": 403, "/runs": 403,
    f"/exposure/{NAMES[1]}": 403, "/none": 404, "/exposures?sort=none": 422,
    "/query/hits?where=none": 422,
}  # fmt: skip
EXPECTED = {*PAGES.items(), ("comment", 200)}


@pytest.fixture(scope="module")
def station() -> Iterator[Station]:
    for opened in open_station():
        add_exposures(opened, NAMES)
        database = open_tables(opened)
        with database.write() as writer:
            writer.execute(text(
                "INSERT INTO people (person, role, sees_everything) "
                f"SELECT 'reader' || n, 'flagger', false FROM generate_series(0, {PEOPLE}) AS n"
            ))  # fmt: skip
            writer.upsert(tables.Product, [_release(name) for name in NAMES])
        database.dispose()
        yield opened


def _release(name: str) -> dict[str, object]:
    released = FUTURE if name == NAMES[1] else PAST
    return {
        "filename": f"{name}_raw.fits", "rootname": name, "dataset": name, "uri": "x",
        "size_bytes": 1, "access": "public", "released_at": released, "listed_at": NOW,
    }  # fmt: skip


def open_session(person: int) -> requests.Session:
    session = requests.Session()
    session.headers = {"X-Forwarded-User": f"reader{person}", "X-Forwarded-For": f"10.0.0.{person}"}
    return session


def read_on(site: ServedSite, person: int, rounds: range) -> Counter[tuple[str, int]]:
    """Have a person ask for all pages some times, and write a comment each time; return answers."""
    seen: Counter[tuple[str, int]] = Counter()
    with open_session(person) as session:
        for one in rounds:
            for page in PAGES:
                answer = session.get(site.address + page, timeout=LIMIT_S, allow_redirects=False)
                seen[page, answer.status_code] += 1
            path = f"{site.address}/api/v1/exposures/{NAMES[2 + person]}/comments"
            said = {"text": f"{person} in round {one}"}
            answer = session.post(path, json=said, timeout=LIMIT_S)
            seen["comment", answer.status_code] += 1
    return seen


class Greedy:
    """Somebody who asks for the same again and again, as fast as they can."""

    def __init__(self, site: ServedSite) -> None:
        self.seen: Counter[int] = Counter()
        self._site, self._begin = site, time.monotonic()

    def ask(self) -> None:
        with open_session(PEOPLE) as session:
            while self.seen.total() < TOO_MANY:
                answer = session.get(f"{self._site.address}/static/site.css", timeout=LIMIT_S)
                self.seen[answer.status_code] += 1

    @property
    def allowed(self) -> float:
        return BURST + PER_S * (time.monotonic() - self._begin) + 1


def test_ten_thousand_requests_leave_the_site_as_it_was(station: Station) -> None:
    database = open_tables(station)
    with (
        serve_site(station, HSTQL_SIGN_IN="header") as site,
        ThreadPoolExecutor(PEOPLE + 1) as pool,
    ):
        process = psutil.Process(site.process.pid)
        list(pool.map(lambda one: read_on(site, one, range(2)), range(PEOPLE)))
        before = process.memory_info().rss
        greedy = Greedy(site)
        asking = pool.submit(greedy.ask)
        seen = pool.map(lambda one: read_on(site, one, range(2, 2 + ROUNDS)), range(PEOPLE))
        answers = sum(seen, Counter())
        asking.result()
        assert {*answers} == EXPECTED  # one status of each, whatever the greedy one asks
        assert answers.total() + greedy.seen.total() == 10_000
        assert {*greedy.seen} <= {200, 429}
        assert greedy.seen[200] <= greedy.allowed  # what is more than that was refused
        assert (process.memory_info().rss - before) / 1e6 < GROWTH_MB
        assert process.num_fds() < MOST_FILES
        assert process.num_threads() < MOST_THREADS
        used = text("SELECT count(*) FROM pg_stat_activity WHERE usename = 'hstql_site'")
        assert database.read(used)[0][0] <= MOST_CONNECTIONS
        assert {*read_on(site, 0, range(1))} == EXPECTED
    kept = {row.text for row in database.read(text("SELECT text FROM comments"))}
    rounds = range(2 + ROUNDS)
    assert kept == {f"{person} in round {one}" for person in range(PEOPLE) for one in rounds}
    database.dispose()

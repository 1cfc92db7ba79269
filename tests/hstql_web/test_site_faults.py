"""The site while its database goes and comes, and when all of it is killed."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count

import pytest
import requests
from sqlalchemy import text

from builders.site_process import ServedSite, add_exposures, kill_server, open_tables, serve_site
from builders.station import Station, open_station
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_web.faults import BUSY

pytestmark = pytest.mark.full
NAMES = [f"jtst{number:04d}q" for number in range(40)]
LIMIT_S = 600


@pytest.fixture(scope="module")
def station() -> Iterator[Station]:
    for opened in open_station():
        add_exposures(opened, NAMES)
        yield opened


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_S
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def get(site: ServedSite, path: str) -> requests.Response:
    return requests.get(site.address + path, timeout=LIMIT_S)


def answers(site: ServedSite) -> bool:
    return get(site, "/exposures").status_code == 200


def flag(site: ServedSite, name: str, kind: str = "ghost") -> int:
    asked = {"rootnames": [name], "kind": kind}
    answer = requests.post(f"{site.address}/api/v1/flags", json=asked, timeout=LIMIT_S)
    return answer.status_code


def test_while_the_database_restarts_there_is_a_sentence_and_then_the_page(
    station: Station,
) -> None:
    server = EmbeddedPostgres(station.home)
    with serve_site(station) as site:
        assert flag(site, NAMES[0]) == 200
        assert answers(site)
        server.stop()
        for path in ("/", "/exposures", f"/exposure/{NAMES[0]}", "/trends", "/query"):
            page = get(site, path)
            assert (page.status_code, BUSY in page.text) == (503, True), path
            assert "Traceback" not in page.text
        told = get(site, "/api/v1/exposures")
        assert (told.status_code, told.json()) == (503, {"detail": BUSY})
        assert flag(site, NAMES[1]) == 503
        assert get(site, "/static/site.css").status_code == 200
        server.start()
        wait_for(lambda: answers(site))
        assert flag(site, NAMES[1]) == 200
        flagged = get(site, "/export/exposures.ids?anomaly=ghost").text.split()
        assert sorted(flagged) == NAMES[:2]


def test_readers_meet_pages_or_a_sentence_while_the_database_restarts(station: Station) -> None:
    seen: Counter[tuple[int, bool]] = Counter()
    ended = threading.Event()

    def read_on(site: ServedSite, reader: int) -> None:
        clients = count()  # each question from another address: none asks too much
        while not ended.is_set():
            client = f"10.{reader}.{next(clients) % 65536}"
            headers = {"X-Forwarded-User": "reader0", "X-Forwarded-For": client}
            page = requests.get(f"{site.address}/exposures", headers=headers, timeout=LIMIT_S)
            seen[page.status_code, BUSY in page.text] += 1

    add_readers(station)
    server = EmbeddedPostgres(station.home)
    with serve_site(station, HSTQL_SIGN_IN="header") as site, ThreadPoolExecutor(4) as pool:
        reading = [pool.submit(read_on, site, number) for number in range(4)]
        try:
            wait_for(lambda: seen[200, False] > 20)
            server.stop()
            wait_for(lambda: seen[503, True] > 20)
            server.start()
            before = seen[200, False]
            wait_for(lambda: seen[200, False] > before + 20)
        finally:
            ended.set()
        for one in reading:
            one.result()
    assert {*seen} == {(200, False), (503, True)}


def test_nothing_that_was_saved_is_lost_when_all_is_killed(station: Station) -> None:
    saved: list[tuple[str, str]] = []
    enough, killed = threading.Event(), threading.Event()

    def write(site: ServedSite, person: int) -> None:
        for number in range(100_000):
            name, said = NAMES[number % len(NAMES)], f"{person} says {number}"
            path = f"{site.address}/api/v1/exposures/{name}/comments"
            with suppress(requests.RequestException):
                if requests.post(path, json={"text": said}, timeout=LIMIT_S).status_code == 200:
                    saved.append((name, said))
            if len(saved) >= 60:
                enough.set()
            if killed.is_set():
                return

    with serve_site(station) as site, ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(write, site, person) for person in range(4)]
        assert enough.wait(LIMIT_S)
        site.process.kill()
        kill_server(station)
        killed.set()
        for one in writing:
            one.result()
    with serve_site(station) as site:
        assert answers(site)
        database = open_tables(station)
        kept = set(database.read(text("SELECT rootname, text FROM comments")))
        database.dispose()
        assert {*saved} <= {(name, said) for name, said in kept}
        assert len(saved) >= 60
        told = get(site, f"/api/v1/exposures/{NAMES[0]}").json()["comments"]
        assert {one["text"] for one in told} >= {said for name, said in saved if name == NAMES[0]}


def add_readers(station: Station) -> None:
    database = open_tables(station)
    with database.write() as writer:
        writer.execute(text(
            "INSERT INTO people (person, role, sees_everything) "
            "SELECT 'reader' || n, 'reader', true FROM generate_series(0, 0) AS n "
            "ON CONFLICT DO NOTHING"
        ))  # fmt: skip
    database.dispose()

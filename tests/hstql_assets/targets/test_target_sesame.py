"""Asking Sesame, played by a server on this machine that speaks its format."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
from astropy.coordinates import name_resolve
from sqlalchemy import select

from builders.hostile_server import Send, answer, drip, head, open_hostile_server, redirect
from hstql_assets.targets import sesame
from hstql_assets.targets.overrides import parse_overrides
from hstql_assets.targets.sesame import (
    SesameError,
    ask_sesame,
    find_position,
    find_unplaced_names,
)
from hstql_resources.http_questions import QueryPolicy
from hstql_resources.postgres.database import Database
from hstql_resources.tables import NamedPosition

Observe = Callable[..., None]

QUICK = QueryPolicy(attempts=2, first_wait_s=0.001)
HASTY = replace(QUICK, answer_s=0.8)  # for answers that never end
NONE = parse_overrides("", "t")
KNOWN = {"GW-LIB": (229.98, -25.0068), "X/Y?Z": (10.0, 20.0)}
ANSWER = """# {name}\t#Q{number}
#=S=Simbad (CDS, via client/server):    1     0ms
%@ 3275391
%C.0 CV*
%J {ra:.7f} {dec:+.7f} = 15 19 55.33 -25 00 24.5
%J.E [0.01 0.01 0] A 2020yCat.1350....0G
#B 16
"""
UNKNOWN = """# {name}\t#Q{number}
#=S=Simbad (CDS, via client/server):    0     0ms
#!SIMBAD: Nothing found
#=V=VizieR (CDS):    0     0ms
"""


class Sesame(ThreadingHTTPServer):
    """Answers about the names it knows, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.status = 200
        self.url = f"http://127.0.0.1:{self.server_port}/cgi-bin/nph-sesame/"


class _Handler(BaseHTTPRequestHandler):
    server: Sesame

    def do_GET(self) -> None:
        name = unquote(self.path.split("?", 1)[1])
        self.server.asked.append(name)
        number = len(self.server.asked)
        if self.server.status == 0:
            return
        text = UNKNOWN.format(name=name, number=number)
        if name in KNOWN:
            ra, dec = KNOWN[name]
            text = ANSWER.format(name=name, number=number, ra=ra, dec=dec)
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sesame]:
    monkeypatch.setattr(sesame, "PAUSE_S", 0.0)
    monkeypatch.setattr(sesame, "POLICY", QUICK)
    with Sesame() as running, name_resolve.sesame_url.set([running.url]):
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def positions(database: Database) -> dict[str, tuple[float | None, float | None]]:
    named = NamedPosition
    statement = select(named.target_name, named.ra_deg, named.dec_deg)
    return {row[0]: (row[1], row[2]) for row in database.read(statement)}


def test_only_names_without_a_place_are_asked_about(database: Database, observe: Observe) -> None:
    observe("ls000101q", "HAS-ONE", 10.0, 20.0)
    observe("ls000102q", "GW-LIB-COPY", None, None)
    observe("ls000103q", "GW-LIB", 0.0, 0.0)
    observe("ls000104q", "MARS", None, None)
    observe("ls000105q", "COMET", None, None, is_moving_target=True)
    observe("ls000106q", "EPS-IND", None, None)
    observe("ls000107q", "...", None, None)
    overrides = parse_overrides('anywhere = ["EPS-IND"]', "t")
    assert find_unplaced_names(database, overrides) == ["GW-LIB"]


def test_answers_are_kept_and_no_name_is_asked_about_twice(
    database: Database, observe: Observe, server: Sesame
) -> None:
    for number, name in enumerate(["GW-LIB", "GW-LIB-COPY", "NO-SUCH-STAR", "X/Y?Z"]):
        observe(f"ls00010{number}q", name, None, None)
    inquiry = ask_sesame(database, NONE)
    assert (inquiry.known, inquiry.unknown, inquiry.left, inquiry.fault) == (2, 1, 0, None)
    assert positions(database) == {**KNOWN, "NO-SUCH-STAR": (None, None)}
    assert server.asked == ["GW-LIB", "NO-SUCH-STAR", "X/Y?Z"]
    assert ask_sesame(database, NONE).known == 0
    assert len(server.asked) == 3
    assert ask_sesame(database, NONE, again=True).known == 2
    assert len(server.asked) == 6


def test_a_server_that_fails_is_told_in_one_sentence_and_asked_again_the_next_time(
    database: Database, observe: Observe, server: Sesame
) -> None:
    observe("ls000101q", "GW-LIB", None, None)
    observe("ls000102q", "X2", None, None)
    server.status = 503
    inquiry = ask_sesame(database, NONE)
    assert inquiry.fault is not None
    assert inquiry.fault.startswith("Sesame does not answer: ")
    assert "\n" not in inquiry.fault
    assert (inquiry.known, inquiry.unknown, inquiry.left) == (0, 0, 2)
    assert server.asked == ["GW-LIB"] * QUICK.attempts
    assert positions(database) == {}
    server.status = 200
    assert ask_sesame(database, NONE).known == 1


def test_a_server_that_hangs_up_is_a_sentence_too(
    database: Database, observe: Observe, server: Sesame
) -> None:
    observe("ls000101q", "GW-LIB", None, None)
    server.status = 0
    inquiry = ask_sesame(database, NONE)
    assert inquiry.fault is not None
    assert inquiry.fault.startswith("Sesame does not answer")
    assert inquiry.left == 1


def test_no_server_is_a_sentence_too(database: Database, observe: Observe) -> None:
    observe("ls000101q", "GW-LIB", None, None)
    with name_resolve.sesame_url.set(["http://127.0.0.1:9/"]):
        inquiry = ask_sesame(database, NONE)
    assert "it refused the connection" in (inquiry.fault or "")
    assert inquiry.left == 1


HOSTILE = {
    "a page": (answer(b"<html>down</html>", "Content-Type: text/html"), "a web page"),
    "a byte of a header each time": (drip(b"HTTP/1.1 200 OK\r\nX: ", b"a"), "longer than 0.8 s"),
    "an endless body": (drip(head(), b"#" * 1000), "longer than 0.8 s"),
    "a circle": (redirect("/cgi-bin/again"), "its address leads astray"),
    "a file": (redirect("file:///etc/passwd"), "an address that is not its own"),
    "no position": (answer(b"%J 1.2.3 +4"), "does not answer properly"),
    "a position beyond the sky": (answer(b"%J 999.0 +40.0"), "does not answer properly"),
    "no text": (answer(bytes(range(128, 256))), "does not answer properly"),
}  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("send", "fault"), HOSTILE.values(), ids=HOSTILE)
def test_an_answer_that_is_none_is_a_sentence(
    send: Send, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sesame, "POLICY", HASTY if "longer" in fault else QUICK)
    with (
        open_hostile_server(send) as url,
        name_resolve.sesame_url.set([url]),
        pytest.raises(SesameError, match=fault) as caught,
    ):
        find_position("GW-LIB")
    assert "\n" not in str(caught.value)


def test_asking_ends_when_its_time_is_over(
    database: Database, observe: Observe, server: Sesame
) -> None:
    observe("ls000101q", "GW-LIB", None, None)
    inquiry = ask_sesame(database, NONE, budget_s=0.0)
    assert (inquiry.left, server.asked) == (1, [])
    assert str(inquiry) == "Sesame: 0 names known, 0 unknown, 1 not asked about."


def test_without_names_nothing_is_asked(database: Database, server: Sesame) -> None:
    assert ask_sesame(database, NONE).left == 0
    assert server.asked == []

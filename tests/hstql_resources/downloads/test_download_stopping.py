"""Many at the same time, and what happens when the one who asked goes away."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler

import pytest

from builders.download_files import HASTY, Site
from builders.loopback_files import Fault
from hstql_resources.downloads import Download, Policy, fetch_all, fetching

NAMES = [f"ldow{number:04d}q_flt.fits" for number in range(12)]


def downloads(site: Site) -> list[Download]:
    return [Download(site.url(name), site.folder / name) for name in NAMES]


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "download"]


def test_closing_early_stops_threads_and_leaves_whole_files_only(site: Site) -> None:
    bodies = {name: site.add(name) for name in NAMES}
    for name in NAMES[3:]:
        site.files.fail_always(name, Fault("stall", seconds=600.0))
    policy = Policy(connections=6, read_s=600.0)
    results = fetch_all(downloads(site), policy)
    first = next(results)
    # Others are in the middle of a body.
    wait_for(lambda: any(path.suffix == ".part" for path in site.folder.iterdir()))
    start = time.monotonic()
    results.close()
    assert time.monotonic() - start < 300.0
    assert threads() == []
    assert first.fault is None
    assert set(site.left()) <= set(NAMES[:3])
    assert all((site.folder / name).read_bytes() == bodies[name] for name in site.left())


def test_threads_that_wait_for_an_answer_do_not_hold_up_the_end(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "STOPPING", 0.1)
    for name in NAMES:
        site.add(name)
    answer, waiting, is_over = site.files.answer, [], threading.Event()

    def answer_late(handler: BaseHTTPRequestHandler) -> bool:
        if not any(name in handler.path for name in NAMES[:2]):
            waiting.append(handler)
            assert is_over.wait(300)
        return answer(handler)

    site.files.answer = answer_late
    results = fetch_all(downloads(site), Policy(connections=2))
    next(results)
    wait_for(lambda: len(waiting) == 2)
    results.close()  # while nobody is answered
    assert not [name for name in site.left() if name.endswith(".part")]
    is_over.set()
    for thread in threads():  # they end by themselves, and write nothing any more
        thread.join(300.0)
    assert threads() == []
    assert site.left() == NAMES[:2]


def test_an_exception_of_the_one_who_asked_stops_all(site: Site) -> None:
    for name in NAMES:
        site.add(name)
    site.files.latency_s = 0.05

    def take_one() -> None:
        with closing(fetch_all(downloads(site), HASTY)) as results:
            for _ in results:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_one()
    assert threads() == []
    assert not [name for name in site.left() if name.endswith(".part")]


def test_an_exception_of_the_progress_bar_reaches_the_one_who_asked(site: Site) -> None:
    for name in NAMES:
        site.add(name)

    def count(size: int) -> None:
        raise RuntimeError("no terminal")

    with pytest.raises(RuntimeError, match="no terminal"):
        list(fetch_all(downloads(site), HASTY, on_bytes=count))
    assert site.left() == []


def test_files_come_at_the_same_time_over_connections_that_are_kept(site: Site) -> None:
    for name in NAMES:
        site.add(name)
    opened: list[object] = []
    # Nobody is answered before four ask at the same time.
    answer, four = site.files.answer, threading.Barrier(4, timeout=300)

    def answer_together(handler: BaseHTTPRequestHandler) -> bool:
        four.wait()
        return answer(handler)

    site.files.answer = answer_together
    accept = site.server._server.process_request

    def count(*arguments: object) -> None:
        opened.append(arguments)
        accept(*arguments)

    site.server._server.process_request = count
    policy = Policy(connections=4)
    assert [done.fault for done in fetch_all(downloads(site), policy) if done.fault] == []
    assert not four.broken
    assert len(opened) == 4


def test_bytes_are_counted_and_summed_up(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    sizes = [len(site.add(name)) for name in NAMES]
    site.files.fail(NAMES[0], Fault("login"))
    site.files.remove(NAMES[1])
    counted: list[int] = []
    results = list(fetch_all(downloads(site), HASTY, on_bytes=counted.append))
    assert sum(sizes[2:]) < sum(counted) <= sum(sizes)
    assert sum(done.size_bytes for done in results) == sum(counted)
    assert "11 of 12 files fetched, 2.2 MB in" in caplog.messages[-1]
    assert "1 repeats, 1 faults" in caplog.messages[-1]


def test_nothing_to_fetch_is_nothing(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert list(fetch_all([], HASTY)) == []
    assert caplog.messages == []

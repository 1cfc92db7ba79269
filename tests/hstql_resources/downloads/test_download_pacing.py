"""How hosts are spared: a limit over all connections, Retry-After, and waits that grow."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from builders.download_files import HASTY, Site
from builders.loopback_files import Fault
from hstql_resources.downloads import Download, Downloaded, fetch_all
from hstql_resources.downloads.failures import StoppedError
from hstql_resources.downloads.rate_limit import Pace
from hstql_resources.http_retry import read_retry_after

Fetch = Callable[..., Downloaded]
NAME = "ldow0001q_flt.fits"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0),
        ("Wed, 31 Dec 2025 23:59:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("9" * 400, 999_999_999.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str | None, seconds: float | None) -> None:
    assert read_retry_after(text, NOW) == seconds


def test_retry_after_is_obeyed(site: Site, fetch: Fetch) -> None:
    site.add(NAME)
    site.files.fail(NAME, Fault("status", 429, retry_after="1"))
    done = fetch(NAME, replace(HASTY, longest_wait_s=600.0))
    assert done.fault is None
    assert 1.0 <= done.seconds < 300.0


def test_retry_after_is_bounded(site: Site, fetch: Fetch) -> None:
    site.add(NAME)
    later = (datetime.now(UTC) + timedelta(hours=9)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    site.files.fail(NAME, Fault("status", 503, retry_after=later))
    done = fetch(NAME)
    assert done.fault is None
    assert HASTY.longest_wait_s <= done.seconds < 300.0  # and not nine hours


def test_retry_after_holds_all_threads_of_that_host(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"ldow{number:04d}q_flt.fits" for number in range(40)]
    for name in names:
        site.add(name, 4)
    site.files.fail(names[0], Fault("status", 429, retry_after="1"))
    times: list[float] = []
    held: list[float] = []
    is_held = threading.Event()
    answer, hold = site.files.answer, Pace.hold

    def note(handler: BaseHTTPRequestHandler) -> bool:
        times.append(time.monotonic())
        if names[0] not in handler.path:  # the others are under way when that answer comes
            assert is_held.wait(300)
        return answer(handler)

    def note_hold(pace: Pace, seconds: float) -> None:
        hold(pace, seconds)
        held.append(time.monotonic())
        is_held.set()

    monkeypatch.setattr(Pace, "hold", note_hold)
    site.files.answer = note
    downloads = [Download(site.url(name), site.folder / name) for name in names]
    policy = replace(HASTY, connections=4, requests_per_second=100, longest_wait_s=0.5)
    assert [done.fault for done in fetch_all(downloads, policy) if done.fault] == []
    assert len(times) == 41
    assert len(held) == 1
    # The first four were under way when the answer came, and then nobody asked.
    assert all(at > held[0] + 0.4 for at in times[4:])


def test_requests_to_a_host_are_limited_over_all_threads() -> None:
    pace = Pace(100.0, threading.Event())
    start, ends = time.monotonic(), []

    def ask() -> None:
        for _ in range(35):
            pace.wait()
            ends.append(time.monotonic() - start)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A second's worth at once, then a hundred a second.
    assert len(ends) == 140
    assert all(number <= 100 + 100 * end + 4 for number, end in enumerate(sorted(ends), 1))


def test_a_wait_ends_when_nobody_waits_for_the_file() -> None:
    stop = threading.Event()
    pace = Pace(10.0, stop)
    pace.hold(60.0)
    threading.Timer(0.05, stop.set).start()
    with pytest.raises(StoppedError):
        pace.wait()


def test_waits_grow_are_random_and_are_bounded() -> None:
    policy = replace(HASTY, first_wait_s=1.0, longest_wait_s=10.0)
    longest = {n: max(policy.choose_wait(n) for _ in range(400)) for n in (1, 2, 3, 9, 2000)}
    for number, bound in {1: 1.0, 2: 2.0, 3: 4.0, 9: 10.0}.items():
        assert 0.9 * bound < longest[number] <= bound
    assert min(policy.choose_wait(9) for _ in range(400)) < 1.0

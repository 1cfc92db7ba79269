"""Processes of other hosts are seen on the server as long as they live, whatever clocks say."""

import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess

import pytest
from sqlalchemy import create_engine, make_url, text

from hstql_resources.postgres.address import render_address
from hstql_resources.postgres.presence import connection_name, find_absent

ELSEWHERE = "12345.1764486000@node-17"
SPAWN = multiprocessing.get_context("spawn")


def stay(url: str, name: str, clock_s: float = 0) -> None:
    """Be present under another name, on a host whose clock goes wrong."""
    from hstql_resources.postgres import presence

    presence.process_name = lambda: name
    presence._LOOK_S = 0.2
    right = time.time
    time.time = lambda: right() + clock_s
    presence.stay_present(render_address(make_url(url), hide_password=False))
    time.sleep(3600)


@pytest.fixture
def process(empty_url: str) -> Iterator[BaseProcess]:
    other = SPAWN.Process(target=stay, args=(empty_url, ELSEWHERE, -3600))
    other.start()
    yield other
    other.kill()
    other.join()


def ask(url: str, name: str, *, is_here: bool) -> set[str]:
    options = {"application_name": connection_name()} if is_here else {}
    engine = create_engine(url, connect_args=options)
    with engine.connect() as connection:
        found = find_absent(connection, {name})
    engine.dispose()
    return found


def wait_until_absent(url: str, name: str, is_absent: bool) -> None:
    end = time.monotonic() + 300
    while bool(ask(url, name, is_here=True)) is not is_absent:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_process_is_there_until_it_is_killed(empty_url: str, process: BaseProcess) -> None:
    wait_until_absent(empty_url, ELSEWHERE, is_absent=False)
    process.kill()
    wait_until_absent(empty_url, ELSEWHERE, is_absent=True)


def test_a_process_that_lost_its_connection_comes_back(
    empty_url: str, process: BaseProcess
) -> None:
    wait_until_absent(empty_url, ELSEWHERE, is_absent=False)
    others = "FROM pg_stat_activity WHERE application_name LIKE 'hstql %'"
    engine = create_engine(empty_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        (lost,) = connection.execute(text(f"SELECT pid {others}")).scalars()
        connection.execute(text(f"SELECT pg_terminate_backend(pid, 300000) {others}"))
        query = text(f"SELECT count(*) {others} AND pid = :pid")
        assert connection.scalar(query, {"pid": lost}) == 0
    engine.dispose()
    wait_until_absent(empty_url, ELSEWHERE, is_absent=False)  # by another connection


def test_nobody_is_missed_on_a_server_that_does_not_tell_who_is_there(empty_url: str) -> None:
    assert ask(empty_url, ELSEWHERE, is_here=False) == set()
    assert ask(empty_url, ELSEWHERE, is_here=True) == {ELSEWHERE}


def test_a_long_name_of_a_host_is_known_by_its_beginning(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"1234567.1764486000@{'dagster-run-' * 5}"
    monkeypatch.setattr("hstql_resources.postgres.presence.process_name", lambda: name)
    assert len(connection_name()) == 63
    assert ask(empty_url, name, is_here=True) == set()

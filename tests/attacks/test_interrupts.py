"""Ctrl-C and SIGTERM: a command ends soon, by one line, with its children; the next goes on."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import psutil
import psycopg2
import pytest

from builders.station import Station, open_station
from hstql_assets.batching.batches import decide_batch
from hstql_assets.batching.outcomes import Outcome
from hstql_resources.postgres.database import Database, DatabaseError, Writer
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.workers import LocalWorkers

HSTQL = ("python", "-c", "from hstql_assets.commands.start import main; main()")
SLACK_S = 300  # others may be at work on the machine; what is not stopped takes longer, or for ever
GROUP, ALONE = os.killpg, os.kill
LONG_QUERY = "SELECT count(*) FROM generate_series(1, 999999) a, generate_series(1, 999999) b"


@pytest.fixture(scope="module")
def station() -> Iterator[Station]:
    yield from open_station(HSTQL_SIMULATED_OBSERVATIONS="4", HSTQL_WORKERS="2")


@contextmanager
def silent_server() -> Iterator[str]:
    """Yield the address of a server that takes every question and answers none."""
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def hold(station: Station, table: str) -> Iterator[None]:
    address = EmbeddedPostgres(station.home).url("hstql").replace("+psycopg2", "")
    with closing(psycopg2.connect(address)) as connection:
        connection.cursor().execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield


def relatives(station: Station) -> list[str]:
    """Return what runs for a home but its server, which outlives commands."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("HSTQL_HOME") == str(station.home):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def stop(
    station: Station,
    words: tuple[str, ...],
    is_at_work: Callable[[psutil.Process], object],
    number: signal.Signals,
    kill: Callable[[int, int], None],
    held: str = "",
    **settings: str,
) -> None:
    """Start a command, stop it when it is at work, and see how it ends.

    Until it is stopped, nobody else writes the table `held`: it cannot be over before.
    """
    process = subprocess.Popen(
        [str(station.executable(HSTQL[0])), *HSTQL[1:], *words],
        env=station.environment(**settings),
        cwd=station.home.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with hold(station, held) if held else nullcontext():
        wait_for(lambda: process.poll() is not None or is_at_work(psutil.Process(process.pid)))
        kill(process.pid, number)
    _, errors = process.communicate(timeout=SLACK_S)
    assert process.returncode == 128 + number, errors
    name = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}[number]
    lines = errors.splitlines()
    assert lines[-1] == f"Stopped by {name}; what was finished is kept."
    assert "Traceback" not in errors
    assert "leaked" not in errors
    wait_for(lambda: not relatives(station))


def has_steps(process: psutil.Process) -> bool:
    """Tell whether a step is at work: its output is copied by processes."""
    for child in process.children(recursive=True):
        with suppress(psutil.Error):
            if any("watch_orphans" in word for word in child.cmdline()):
                return True
    return False


@pytest.mark.parametrize(("number", "kill"), [(signal.SIGINT, GROUP), (signal.SIGTERM, ALONE)])
def test_materialize_ends_and_the_next_goes_on(
    station: Station, number: signal.Signals, kill: Callable[[int, int], None]
) -> None:
    if number == signal.SIGINT:
        assert station.hstql("discover", "--instrument", "cos").returncode == 0
    words = ("materialize", "cos/lightcurves")
    stop(station, words, has_steps, number, kill, held="lightcurves")
    last = "SELECT exit_status FROM runs WHERE ended_at = (SELECT max(ended_at) FROM runs)"
    assert station.count(last) == 128 + number
    if number == signal.SIGTERM:
        done = station.hstql(*words)
        assert done.returncode == 0, done.stderr
        assert station.count("SELECT count(*) FROM lightcurves") == 4
        assert station.count("SELECT count(*) FROM attempts") == 0


def test_what_waits_for_an_archive_that_is_silent_ends(station: Station) -> None:
    def is_asking(process: psutil.Process) -> bool:
        return any(one.raddr for one in process.net_connections("tcp"))

    with silent_server() as url:
        settings = {"HSTQL_ARCHIVE": "mast", "HSTQL_MAST_URL": url}
        stop(station, ("discover",), is_asking, signal.SIGINT, ALONE, **settings)


def test_what_waits_for_the_database_ends_there_too(station: Station, tmp_path: Path) -> None:
    def is_asking(_process: psutil.Process) -> bool:
        return list((station.home / "logs").glob("query_*.log")) != before

    before = list((station.home / "logs").glob("query_*.log"))
    stop(station, ("query", LONG_QUERY), is_asking, signal.SIGTERM, GROUP)


def test_a_process_that_is_only_starting_ends(station: Station) -> None:
    def is_importing(process: psutil.Process) -> bool:
        """Tell whether it has begun at all: until then Python itself answers."""
        status = Path(f"/proc/{process.pid}/status").read_text()
        caught = int(status.split("SigCgt:")[1].split()[0], 16)
        return bool(caught >> (signal.SIGUSR1 - 1) & 1)

    stop(station, ("status",), is_importing, signal.SIGINT, GROUP, held="runs")


SCRIPT = """
import signal, sys, threading, time
from hstql_resources import stopping
from hstql_resources.stopping import before_stop, stoppable
stopping.LAST_THINGS_S = min(stopping.LAST_THINGS_S, LIMIT_S)
with stoppable(), before_stop(lambda status: LAST):
    print("ready", flush=True)
    signal.signal(signal.SIGINT, lambda *_: print("a handler of somebody else", flush=True))
    while True:
        time.sleep(0.01)
"""


def fill(last: str, limit_s: float = 3600.0) -> str:
    """Return the script with what is done last, for which it has so long, or as long as usual."""
    return SCRIPT.replace("LIMIT_S)", f"{limit_s})").replace("status: LAST", f"status: {last}")


@pytest.mark.parametrize(
    ("last", "signals"),
    [
        ("print('never shown', flush=True)", [signal.SIGINT]),
        ("time.sleep(3600)", [signal.SIGTERM]),  # what takes too long is left
        ("time.sleep(3600)", [signal.SIGINT, signal.SIGINT]),
        ("1 / 0", [signal.SIGTERM]),
    ],
)
def test_last_things_take_bounded_time_and_a_second_signal_ends_it_at_once(
    last: str, signals: list[signal.Signals]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", fill(last, limit_s=0.5)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    for number in signals:
        process.send_signal(number)
    output, errors = process.communicate(timeout=SLACK_S)
    assert process.returncode == 128 + signals[0]
    assert errors.splitlines()[-1].startswith("Stopped by ")
    assert "never shown" not in output


def test_what_was_asked_for_first_is_done_first(tmp_path: Path) -> None:
    done = tmp_path / "done"
    first = f"before_stop(lambda status: open({str(done)!r}, 'w').close()), "
    script = fill("time.sleep(3600)")
    script = script.replace("before_stop(lambda", first + "before_stop(lambda")
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=SLACK_S) == 128 + signal.SIGTERM
    assert done.exists()


@dataclass(frozen=True)
class Nap:
    key: str
    seconds: float


def sleep(nap: Nap) -> Outcome:
    time.sleep(nap.seconds)
    return Outcome(nap.key, "made")


def test_a_run_that_is_terminated_does_not_wait_for_its_workers() -> None:
    def interrupt(_outcome: Outcome) -> None:
        assert workers._pool is not None
        busy.extend(map(psutil.Process, workers._pool._processes))
        raise dg.DagsterExecutionInterruptedError

    busy: list[psutil.Process] = []
    workers = LocalWorkers(2)
    with pytest.raises(dg.DagsterExecutionInterruptedError):
        decide_batch(workers, sleep, [Nap("a", 0), Nap("b", 3600), Nap("c", 3600)], interrupt)
    wait_for(lambda: not any(one.is_running() for one in busy))
    assert busy
    assert workers.submit(os.getpid).result() > 0
    workers.shutdown()


def test_a_writer_that_is_left_holds_up_nobody(database: Database) -> None:
    other = Database(database.engine.url)

    def write(writer: Writer) -> None:
        database.abandon()
        with other.write():  # which waits for the lock of all writers
            pass
        writer.connection.exec_driver_sql("SELECT 1")

    with pytest.raises(DatabaseError, match="does not answer"):
        database.transact(write)
    other.dispose()

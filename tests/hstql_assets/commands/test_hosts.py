"""Webserver, daemon, code server and two Celery workers, each on a host of its own."""

import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import pytest

from builders.dagster_server import Server
from builders.hosts import REDIS, Hosts, kill, require_hosts, wait_for
from builders.places import make_home_folder
from builders.station import FEWEST, Station
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.postgres.server_access import SUPERUSER

LAUNCH = """
mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message }
  }
}"""
RUNS = """
{ runsOrError { ... on Runs { results { runId status tags { key value } } } } }"""
EVENTS = """
query($id: ID!) {
  logsForRun(runId: $id) {
    ... on EventConnection {
      events {
        __typename
        ... on MessageEvent { message }
        ... on LogsCapturedEvent { fileKey }
      }
    }
  }
}"""
CAPTURED = "query($key: [String!]!) { capturedLogs(logKey: $key) { stdout stderr } }"
RETRY = """
mutation($params: ReexecutionParams!) {
  launchRunReexecution(reexecutionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  }
}"""
CANCEL = "mutation($id: String!) { terminateRun(runId: $id) { __typename } }"
FILES = ("raw_files", "calibrated_files", "header_tables")
CONNECTIONS = 17  # of 20, three of which Postgres keeps for the superuser
ELSEWHERE = {"HSTQL_HOME": "/dev/shm/not-mounted"}
WORKER = "python -m hstql_resources.celery_worker"
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    """Two workers, a broker, and the keys of 24 exposures on a server for few connections."""
    require_hosts(REDIS)
    folder = make_home_folder()
    server = EmbeddedPostgres(folder / "server")
    settings = {
        "HSTQL_SIMULATED_OBSERVATIONS": "24",
        "HSTQL_WORKERS": "1",
        "HSTQL_SENSORS": "false",
    }
    hosts = Hosts(folder, Station(folder / "home", FEWEST | settings), _prepare(server))
    try:
        hosts.start_broker()
        found = hosts.run("daemon", "hstql", "discover", "--instrument", "cos")
        assert found.returncode == 0, found.stderr
        yield hosts
    finally:
        hosts.stop()
        server.stop()
        shutil.rmtree(folder)


def _prepare(server: EmbeddedPostgres) -> str:
    """Return the address of a database for which a server has few connections."""
    address = server.url("shared")
    above = server.url("postgres", SUPERUSER).replace("+psycopg2", "")
    with closing(psycopg2.connect(above)) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"ALTER ROLE hstql CONNECTION LIMIT {CONNECTIONS}")
    return address


@contextmanager
def held_outcomes(hosts: Hosts) -> Iterator[None]:
    """Let no run write what came out, so that none is over before the test has done its part."""
    with closing(psycopg2.connect(hosts.address.replace("+psycopg2", ""))) as connection:
        connection.cursor().execute("LOCK TABLE outcomes IN SHARE MODE")
        yield


@pytest.fixture(scope="module")
def dagster(hosts: Hosts) -> Server:
    hosts.start_worker("one")
    hosts.start_worker("two", clock="-1h")
    return hosts.start_dagster()


def launch(dagster: Server, first: str, last: str, *assets: str) -> None:
    selected = [
        {
            "assetKey": {"path": ["cos", name]},
            "partitions": {"ranges": [{"start": first, "end": last}]},
        }
        for name in assets
    ]
    answer = dagster.ask(LAUNCH, params={"partitionsByAssets": selected})
    assert answer["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess", answer


def read_runs(dagster: Server) -> dict[str, tuple[str, str]]:
    """Return status and host of each run, the latest first."""
    runs = dagster.ask(RUNS)["runsOrError"]["results"]
    tags = {run["runId"]: {tag["key"]: tag["value"] for tag in run["tags"]} for run in runs}
    return {
        run["runId"]: (run["status"], tags[run["runId"]].get("hstql/process", "").partition("@")[2])
        for run in runs
    }


def wait_for_run(dagster: Server, known: set[str], *statuses: str) -> tuple[str, str, str]:
    """Return a run that was not known before, once it has a status, and its host."""

    def look() -> Any:
        for run, (status, host) in read_runs(dagster).items():
            if run not in known and status in statuses:
                return run, status, host
        return None

    found: tuple[str, str, str] = wait_for(look, 240, f"a run that is {statuses}")
    return found


def read_events(dagster: Server, run: str) -> list[dict[str, str]]:
    events: list[dict[str, str]] = dagster.ask(EVENTS, id=run)["logsForRun"]["events"]
    return events


def wait_for_end(dagster: Server, run: str) -> str:
    """Return how a run ended; others may be there that the daemon began late."""

    def look() -> str | None:
        status = read_runs(dagster)[run][0]
        return status if status in ENDED else None

    ended: str = wait_for(look, 240, f"the end of {run}")
    return ended


def wait_for_step(dagster: Server, known: set[str]) -> tuple[str, str, str]:
    """Return a run that was not known before, once it is at work, and its host."""
    run, status, host = wait_for_run(dagster, known, "STARTED")
    wait_for(
        lambda: "ExecutionStepStartEvent" in {e["__typename"] for e in read_events(dagster, run)},
        240,
        f"the first step of {run}",
    )
    return run, status, host


def test_two_backfills_are_made_by_two_hosts_over_few_connections(
    hosts: Hosts, dagster: Server
) -> None:
    keys = hosts.keys()
    assert len(keys) == 24
    launch(dagster, keys[0], keys[11], *FILES)
    launch(dagster, keys[12], keys[-1], *FILES)
    launch(dagster, keys[12], keys[-1], *FILES)  # twice by mistake
    wait_for(
        lambda: [status for status, _ in read_runs(dagster).values()] == ["SUCCESS"] * 3,
        300,
        "three runs",
    )
    runs = read_runs(dagster)
    assert {host for _, host in runs.values()} == {"one", "two"}
    assert hosts.ask("SELECT count(*) FROM outcomes WHERE status = 'made'") == 24 * len(FILES)
    run = next(iter(runs))
    (captured,) = (event for event in read_events(dagster, run) if "fileKey" in event)
    key = [run, "compute_logs", captured["fileKey"]]
    assert "STEP_SUCCESS" in dagster.ask(CAPTURED, key=key)["capturedLogs"]["stderr"]


def test_a_killed_worker_is_found_and_its_run_is_retried(hosts: Hosts, dagster: Server) -> None:
    keys, known = hosts.keys(), set(read_runs(dagster))
    with held_outcomes(hosts):
        launch(dagster, keys[0], keys[-1], "previews")
        run, _, host = wait_for_step(dagster, known)
        kill(hosts.processes[host])
    assert wait_for_end(dagster, run) == "FAILURE"
    messages = [event.get("message") for event in read_events(dagster, run)]
    assert f"Its process on {host} was killed: launch it again." in messages
    hosts.start_worker(host)
    known.add(run)
    params = {"parentRunId": run, "strategy": "FROM_FAILURE"}
    retried = dagster.ask(RETRY, params=params)["launchRunReexecution"]
    assert retried["__typename"] == "LaunchRunSuccess"
    assert wait_for_run(dagster, known, *ENDED)[1] == "SUCCESS"
    made = "SELECT count(*) FROM outcomes WHERE status = 'made' AND asset = 'cos/previews'"
    assert hosts.ask(made) == 24


def test_a_server_that_is_away_for_a_while_costs_at_most_the_run_of_that_time(
    hosts: Hosts, dagster: Server
) -> None:
    keys, known = hosts.keys(), set(read_runs(dagster))
    launch(dagster, keys[0], keys[-1], *FILES)
    run, _, _ = wait_for_run(dagster, known, "STARTED")
    server = EmbeddedPostgres(hosts.folder / "server")
    server.stop()
    time.sleep(20)
    server.start()
    dagster.wait_until_up()
    # It depends on what the run was at: it may not have asked the server in that time.
    assert wait_for_run(dagster, known, *ENDED)[1] in {"SUCCESS", "FAILURE"}
    assert all(process.is_running() for process in hosts.processes.values())
    known.add(run)
    launch(dagster, keys[0], keys[-1], *FILES)
    assert wait_for_run(dagster, known, *ENDED)[1] == "SUCCESS"
    assert hosts.ask("SELECT count(*) FROM outcomes WHERE status != 'made'") == 0


def test_a_run_can_be_canceled(hosts: Hosts, dagster: Server) -> None:
    keys, known = hosts.keys(), set(read_runs(dagster))
    with held_outcomes(hosts):
        launch(dagster, keys[0], keys[-1], *FILES, "previews")
        run, _, host = wait_for_step(dagster, known)
        assert dagster.ask(CANCEL, id=run)["terminateRun"]["__typename"] == "TerminateRunSuccess"
        said = f"{run} is interrupted"
        wait_for(lambda: said in hosts.log(host).read_text(), 240, "the interruption of the run")
    assert wait_for_end(dagster, run) == "CANCELED"


def test_a_worker_can_be_stopped(hosts: Hosts, dagster: Server) -> None:
    keys, known = hosts.keys(), set(read_runs(dagster))
    with held_outcomes(hosts):
        launch(dagster, keys[0], keys[-1], *FILES, "previews")
        run, _, host = wait_for_step(dagster, known)
        hosts.processes[host].terminate()
    assert hosts.processes[host].wait(240) == 0
    assert wait_for_end(dagster, run) == "FAILURE"


@pytest.mark.parametrize(
    ("command", "lack", "said"),
    [
        ("dagster-webserver -p 0", ELSEWHERE, "belongs to the home"),
        ("dagster-daemon run", {"HSTQL_DATABASE_URL": "postgresql://u@127.0.0.1:9/x"}, "refused"),
        (WORKER, ELSEWHERE, "belongs to the home"),
        (WORKER, {"HSTQL_BROKER": ""}, "HSTQL_BROKER is not set"),
    ],
)
def test_a_process_that_lacks_something_says_so_in_one_line(
    hosts: Hosts, command: str, lack: dict[str, str], said: str
) -> None:
    ended = hosts.run("bare", *command.split(), **lack)
    (line,) = ended.stderr.splitlines()
    assert line.startswith("Error: ")
    assert said in line
    assert ended.returncode == 1

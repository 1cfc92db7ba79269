"""A running `dagster dev`: webserver and daemon, asked through GraphQL."""

import json
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from builders.station import Station

# The daemon looks every second, and a slow machine is none that does not answer.
FOR_TESTS = {
    "PYTHONPATH": str(Path(__file__).with_name("hurried_daemon")),
    "DAGSTER_GRPC_TIMEOUT_SECONDS": "1500",
}


class Server:
    """A running `dagster dev`."""

    def __init__(self, station: Station, port: int) -> None:
        self.station = station
        self._address = f"http://127.0.0.1:{port}/graphql"

    def ask(self, query: str, **variables: Any) -> Any:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(self._address, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=300) as reply:
            answer = json.load(reply)
        assert "errors" not in answer, answer
        return answer["data"]

    def wait_until_up(self, seconds: float = 600) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.ask("{ version }")
            except OSError:
                time.sleep(0.5)
            else:
                return
        raise AssertionError("dagster dev did not come up")


@contextmanager
def open_server(station: Station, **settings: str) -> Iterator[Server]:
    """Start `dagster dev` on a home, and end it with all its processes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (station.home.parent / "dev.log").open("w") as log:
        process = psutil.Popen(
            [str(station.executable("dagster")), "dev", "--port", str(port)],
            env=station.environment(**FOR_TESTS, **settings),
            cwd=station.project,
            stdout=log,
            stderr=log,
        )
        try:
            running = Server(station, port)
            running.wait_until_up()
            yield running
        finally:
            family = [process, *process.children(recursive=True)]
            process.terminate()
            psutil.wait_procs(family, timeout=60)
            for member in family:
                if member.is_running():
                    member.kill()
            process.wait()  # also where it had to be killed

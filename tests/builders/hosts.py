"""The processes of a deployment, each on a host of its own name: two homes apart, one shared."""

import contextlib
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
import yaml

from builders.dagster_server import FOR_TESTS, Server
from builders.places import PROJECT
from builders.station import BIN, Station

REDIS = "redis-server"
# Debian's libfaketime; where it is not installed all clocks are right.
FAKETIME = next((str(path) for path in Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), "")


def wait_for(what: Callable[[], Any], seconds: float, about: str) -> Any:
    """Ask until there is an answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.2)
    raise AssertionError(f"{about}: not within {seconds} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Hosts:
    """Hosts that share a home, a database and perhaps a broker.

    A host is a name and a folder with its own `dagster.yaml`; its processes have a namespace for
    the name of the host, so that they take each other for strangers.
    """

    folder: Path
    station: Station
    address: str
    processes: dict[str, psutil.Popen] = field(default_factory=dict)
    broker: str = ""

    def _addresses(self, host: str) -> dict[str, str]:
        own = self.folder / host
        own.mkdir(exist_ok=True)
        wanted = yaml.safe_load((PROJECT / "dagster.yaml").read_text())
        wanted["run_monitoring"]["poll_interval_seconds"] = 5  # 120 is long for a test
        (own / "dagster.yaml").write_text(yaml.safe_dump(wanted))
        addresses = {"HSTQL_DATABASE_URL": self.address, "HSTQL_BROKER": self.broker}
        return {"DAGSTER_HOME": str(own)} | FOR_TESTS | addresses

    def start(self, host: str, name: str, *words: str, **settings: str) -> psutil.Popen:
        """Start a program on a host; what it says goes to the file `log`."""
        self.log(name).touch()
        with self.log(name).open("wb") as log:
            process = psutil.Popen(
                ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', host, *words],
                env=self.station.environment(**self._addresses(host), **settings),
                cwd=self.folder / host,
                stdout=log,
                stderr=log,
            )
        self.processes[name] = process
        return process

    def run(self, host: str, *words: str, **lack: str) -> "subprocess.CompletedProcess[str]":
        """Run a program on a host to its end."""
        return self.station.run(*words, **(self._addresses(host) | lack))

    def ask(self, sql: str) -> Any:
        """Return the one number or word that the shared database answers."""
        with (
            closing(psycopg2.connect(self.address.replace("+psycopg2", ""))) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
            return cursor.fetchone()[0]

    def keys(self, name: str = "cos_rootname") -> list[str]:
        """Return the keys of a partition set, in its order."""
        table = "dagster.dynamic_partitions"
        found: list[str] = self.ask(
            f"SELECT array_agg(partition ORDER BY id) FROM {table}"
            f" WHERE partitions_def_name = '{name}'"
        )
        return found

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def start_broker(self) -> None:
        port = free_port()
        self.processes["broker"] = psutil.Popen(
            [REDIS, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir",
             str(self.folder), "--logfile", str(self.log("broker"))]
        )  # fmt: skip
        self.broker = f"redis://127.0.0.1:{port}/0"
        wait_for(lambda: _answers(port), 300, "the broker")

    def start_worker(self, host: str, clock: str = "") -> psutil.Popen:
        """Start a Celery worker, perhaps where the clock is wrong by as much as `-1h`."""
        python = str(BIN / "python")
        wrong = {"LD_PRELOAD": FAKETIME, "FAKETIME": clock} if clock and FAKETIME else {}
        worker = self.start(host, host, python, "-m", "hstql_resources.celery_worker", **wrong)
        wait_for(lambda: b" ready." in self.log(host).read_bytes(), 300, f"the worker {host}")
        return worker

    def start_dagster(self, **settings: str) -> Server:
        """Start code server, webserver and daemon apart; return whom to ask."""
        code, web = free_port(), free_port()
        for host in ("code", "web", "daemon"):
            self._addresses(host)
            (self.folder / host / "workspace.yaml").write_text(
                f"load_from: [{{grpc_server: {{host: 127.0.0.1, port: {code}}}}}]"
            )
        dagster, webserver, daemon = (
            str(BIN / name) for name in ("dagster", "dagster-webserver", "dagster-daemon")
        )
        self.start(
            "code", "code", dagster, "code-server", "start", "-m", "hstql_assets.definitions",
            "--host", "127.0.0.1", "--port", str(code), **settings,
        )  # fmt: skip
        wait_for(lambda: _answers(code), 300, "the code server")
        self.start("web", "web", webserver, "-p", str(web), **settings)
        self.start("daemon", "daemon", daemon, "run", **settings)
        server = Server(self.station, web)
        server.wait_until_up()
        return server

    def stop(self) -> None:
        family = [
            one
            for process in self.processes.values()
            if process.is_running()
            for one in (process, *process.children(recursive=True))
        ]
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(family, timeout=60)


def kill(process: psutil.Popen) -> None:
    """End a program as the system does when memory runs out; its children find out themselves."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def require_hosts(*programs: str) -> None:
    """Skip a test where hosts cannot be had."""
    for name in programs:
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
    tried = subprocess.run(["unshare", "--uts", "hostname", "other"], capture_output=True)
    if tried.returncode:
        pytest.skip("this account may not give processes a host of another name (unshare --uts)")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

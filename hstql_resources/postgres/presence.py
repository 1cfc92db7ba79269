"""Tell which processes are at work on a database, on whatever host.

Each keeps a connection that bears its name. The server drops it when the process ends, however it
ends, and within a minute when its host is gone. Nobody's clock has a say in that.
"""

import threading
import time
from collections.abc import Collection
from contextlib import closing, suppress
from functools import cache
from importlib.metadata import version

import psycopg2
from sqlalchemy import Connection, text

from hstql_resources.processes import process_name
from hstql_resources.settings import SettingsError
from hstql_resources.software import name_software

COMES_BACK_S = 10  # within which a process is seen again that lost its connection
_LOOK_S = 3
_LONGEST = 63  # Postgres cuts names of connections
# The server gives up a host that is silent, and this process a server that is.
_SERVER_GIVES_UP = "-ctcp_keepalives_idle=30 -ctcp_keepalives_interval=10 -ctcp_keepalives_count=3"
_CLIENT_GIVES_UP = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
_PRESENT = (
    "SELECT application_name FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name ~ '^hstql '"
)


def connection_name() -> str:
    """Return what the connections of this process are called: hstql, its version, the process."""
    return f"{name_software()} {process_name()}"[:_LONGEST]


@cache
def stay_present(address: str) -> None:
    """Keep a connection with the name of this process, from now on until it ends.

    Parameters
    ----------
    address : str
        Of a server that hosts share, as libpq reads it.
    """
    first = threading.Event()
    threading.Thread(target=_stay, args=(address, first), name="presence", daemon=True).start()
    first.wait(COMES_BACK_S)


def find_absent(connection: Connection, processes: Collection[str]) -> set[str]:
    """Return the processes, named as by `process_name`, that have no connection.

    Where not even this one has, as on a server that is only for this host, nobody is missed.
    """
    labels = list(connection.execute(text(_PRESENT)).scalars())
    if connection_name() not in labels:
        return set()
    present = tuple(label.split(" ", 2)[2] for label in labels)
    return {name for name in processes if not name.startswith(present)}


def require_same_version(cursor: "psycopg2.extensions.cursor") -> None:
    """Raise SettingsError if a process of another version of hstql is at work on the server."""
    here = version("hstql")
    cursor.execute(_PRESENT)
    for _, there, name in (label.split(" ", 2) for (label,) in cursor.fetchall()):
        if there != here:
            pid, _, host = name.partition("@")
            raise SettingsError(
                f"hstql {here} is installed here, and process {pid.partition('.')[0]} on {host} is "
                f"at work with {there}: install the same on all hosts, and start it again there."
            )


def _stay(address: str, first: threading.Event) -> None:
    """Connect, see every few seconds that the connection holds, and connect again if not."""
    while True:
        with (
            suppress(psycopg2.Error),
            closing(psycopg2.connect(address, application_name=connection_name(),
                                     options=_SERVER_GIVES_UP, **_CLIENT_GIVES_UP)) as connection,
        ):  # fmt: skip
            connection.autocommit = True
            first.set()
            while True:
                time.sleep(_LOOK_S)
                connection.cursor().execute("SELECT 1")
        time.sleep(_LOOK_S)

"""Open the site of a home: bring tables and rules up to date, then use them by its own login."""

import getpass
import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.address import dagster_database_url
from hstql_resources.postgres.dagster_history import DagsterHistory
from hstql_resources.postgres.database import Database, DatabaseError
from hstql_resources.postgres.server_access import write_closed
from hstql_resources.postgres.site_login import site_url
from hstql_resources.records import open_home
from hstql_resources.settings import Settings
from hstql_resources.site.access import prepare_access
from hstql_resources.site.anomaly_kinds import fill_kinds
from hstql_resources.site.session import Site
from hstql_resources.tables import Person

_log = logging.getLogger(__name__)
_LOOK_S = 30  # between two looks for tables that are new
_KEY_FILE = "site.key"


@dataclass(frozen=True)
class Opened:
    """What the site works with.

    Attributes
    ----------
    settings : Settings
        As they were at the start.
    filesystem : Filesystem
        Where files are.
    site : Site
        The tables, by the login of the site.
    key : bytes
        What sessions are signed with.
    owner : str
        Who runs this process.
    history : DagsterHistory
        What Dagster ran. It is read by the login of its owner, and so for those alone who see
        everything.
    """

    settings: Settings
    filesystem: Filesystem
    site: Site
    key: bytes
    owner: str
    history: DagsterHistory


@contextmanager
def open_site(settings: Settings) -> Iterator[Opened]:
    """Open the site of a home, and keep its rules up to date as long as it is open.

    Raises
    ------
    SettingsError
        If a setting cannot work: no such folder, database or login.
    """
    with open_home(settings) as (filesystem, database):
        address = site_url(settings)
        prepare_access(database, str(address.username))
        with database.write() as writer:
            fill_kinds(writer)
            writer.upsert(Person, [{"person": one, "role": "admin"} for one in settings.admins])
        site, ended = Site(address, settings.undated), threading.Event()
        history = DagsterHistory(dagster_database_url(settings))
        arguments = (database, str(address.username), ended)
        threading.Thread(target=_keep_prepared, args=arguments, daemon=True).start()
        try:
            key = _read_key(settings.home / _KEY_FILE)
            yield Opened(settings, filesystem, site, key, getpass.getuser(), history)
        finally:
            ended.set()
            site.dispose()
            history.dispose()


def _keep_prepared(database: Database, login: str, ended: threading.Event) -> None:
    """Lay the rules on tables that have come, such as of the headers of new files."""
    while not ended.wait(_LOOK_S):
        try:
            prepare_access(database, login)
        except (DatabaseError, DBAPIError) as error:
            _log.warning("New tables are not shown yet: %s", error)


def _read_key(path: Path) -> bytes:
    """Return the key of the home; the first site makes it."""
    if not path.exists():
        write_closed(path, secrets.token_hex(32), path.parent.stat())
    return bytes.fromhex(path.read_text())

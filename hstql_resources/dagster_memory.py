"""Keep what was seen of Dagster's events of some assets, for as long as none were taken away.

Events are added, and hstql prunes only those that later ones have overtaken. Beside that, whole
assets are wiped and whole runs deleted in the user interface: both can be told without a look at
the events.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

import dagster as dg
from dagster._core.storage.runs.schema import RunsTable
from sqlalchemy import func, select


class RunsSize(NamedTuple):
    """How many runs there are, the sum of their numbers, and the largest of these."""

    runs: int
    total: int
    last: int


class Memory:
    """A text about events, which somebody left.

    Parameters
    ----------
    instance : dagster.DagsterInstance
        Where they are.
    name : str
        Of the text.
    assets : sequence of AssetKey
        Whose events it is about.

    Attributes
    ----------
    text : str or None
        None if there is none, or events that were there then are there no more.
    """

    def __init__(
        self, instance: dg.DagsterInstance, name: str, assets: Sequence[dg.AssetKey]
    ) -> None:
        self._instance, self._name = instance, f"hstql/{name}"
        self._wiped = _read_wipes(instance, assets)
        self._runs = _read_runs(instance)
        self.text = self._read()

    def write(self, text: str) -> None:
        """Leave a text about what was seen since this was made."""
        self.text = text
        found = {"text": text, "runs": self._runs, "wiped": self._wiped}
        store = self._instance.daemon_cursor_storage
        store.set_cursor_values({self._name: json.dumps(found)})

    def _read(self) -> str | None:
        store = self._instance.daemon_cursor_storage
        found = json.loads(store.get_cursor_values({self._name}).get(self._name, "null"))
        if found is None or found["wiped"] != self._wiped:
            return None
        runs = RunsSize(*found["runs"])
        return str(found["text"]) if _read_runs(self._instance, runs.last) == runs else None


def _read_wipes(instance: dg.DagsterInstance, assets: Sequence[dg.AssetKey]) -> list[float | None]:
    """Return when each asset was last wiped."""
    found = instance.event_log_storage._get_assets_details(assets)  # type: ignore[attr-defined]
    return [None if details is None else details.last_wipe_timestamp for details in found]


def _read_runs(instance: dg.DagsterInstance, last: int | None = None) -> RunsSize:
    """Return how many runs there are, or up to a number."""
    number = RunsTable.c.id
    statement = select(
        func.count(), func.coalesce(func.sum(number), 0), func.coalesce(func.max(number), 0)
    ).select_from(RunsTable)
    if last is not None:
        statement = statement.where(number <= last)
    with instance.run_storage.connect() as connection:  # type: ignore[attr-defined]
        ((runs, total, found),) = connection.execute(statement).fetchall()
    return RunsSize(int(runs), int(total), int(found))

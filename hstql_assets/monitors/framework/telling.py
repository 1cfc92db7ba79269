"""Tell those whom the settings name that a monitor changed its state."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import cast

from hstql_assets.monitors.framework.states import GRAVE
from hstql_resources.filesystem import Filesystem
from hstql_resources.monitor_history import StateChange
from hstql_resources.notifying import Notice, notify
from hstql_resources.settings import Settings


def find_change(
    before: Mapping[str, object] | None, state: Mapping[str, object]
) -> StateChange | None:
    """Return the change from what was, None for the first time, to a row of `monitor_states`."""
    if before is not None and before["state"] == state["state"]:
        return None
    return StateChange(
        monitor=str(state["monitor"]),
        title=str(state["title"]),
        state=str(state["state"]),
        before=None if before is None else str(before["state"]),
        summary=str(state["summary"]),
        changed_at=cast("datetime", state["changed_at"]),
    )


def tell_change(
    settings: Settings, filesystem: Filesystem, change: StateChange, page: Path
) -> None:
    """Send a change of state; of a monitor that was made for the first time only what is grave.

    Parameters
    ----------
    settings : Settings
        Say who is told.
    filesystem : Filesystem
        Where pages are.
    change : StateChange
        What is told.
    page : Path
        The page of the monitor in the folder of plots.
    """
    if change.before is not None or change.state in GRAVE:
        notify(settings, _write(settings, filesystem, change, page))


def _write(settings: Settings, filesystem: Filesystem, change: StateChange, page: Path) -> Notice:
    was = f" (was {change.before})" if change.before else ""
    if settings.site_address is None:
        place = str(filesystem.plots / page)
    else:
        place = f"{settings.site_address.rstrip('/')}/monitors/{change.monitor}"
    return Notice(
        f"hstql: {change.state}{was}: {change.title}",
        f"{change.title}: {change.state}{was}, since {change.changed_at:%Y-%m-%d %H:%M} UTC.\n\n"
        f"{change.summary}\n\n{place}\n",
        {
            "kind": "monitor", "name": change.monitor, "state": change.state,
            "before": change.before or "", "summary": change.summary, "address": place,
            "at": change.changed_at.isoformat(),
        },
    )  # fmt: skip

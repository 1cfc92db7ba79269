"""Tell that a monitor changed its state: in its history, and to whom the settings name."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from hstql_resources.filesystem import Filesystem
from hstql_resources.monitor_history import StateChange, add_change
from hstql_resources.notifying import Notice, notify
from hstql_resources.settings import Settings

_log = logging.getLogger(__name__)
GRAVE = ("alarm", "warning")


def tell_change(
    settings: Settings,
    filesystem: Filesystem,
    before: Mapping[str, object] | None,
    state: Mapping[str, object],
) -> None:
    """Note a change of state, and send it; the same state is none.

    Of a monitor that was made for the first time people are told only what is grave.

    Parameters
    ----------
    settings : Settings
        Say who is told.
    filesystem : Filesystem
        Where the history is.
    before, state : mapping
        Rows of `monitor_states`; `before` is None for the first time.
    """
    if before is not None and before["state"] == state["state"]:
        return
    change = _describe(before, state)
    try:
        add_change(filesystem, change)
    except OSError as error:
        _log.warning("The history of %s lacks a change: %s", change.monitor, error.strerror)
    if change.before or change.state in GRAVE:
        notify(settings, _write(settings, filesystem, change, str(state["page"])))


def _describe(before: Mapping[str, object] | None, state: Mapping[str, object]) -> StateChange:
    return StateChange(
        monitor=str(state["monitor"]),
        title=str(state["title"]),
        state=str(state["state"]),
        before="" if before is None else str(before["state"]),
        summary=str(state["summary"]),
        changed_at=cast("datetime", state["changed_at"]),
    )


def _write(settings: Settings, filesystem: Filesystem, change: StateChange, page: str) -> Notice:
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
            "before": change.before, "summary": change.summary, "address": place,
            "at": change.changed_at.isoformat(),
        },
    )  # fmt: skip

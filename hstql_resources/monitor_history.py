"""Keep the history of the states of monitors: a line of a file for each change, never rewritten."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from hstql_resources.filesystem import Filesystem

# From what has to be looked at first to what need not be looked at.
STATES = ("alarm", "warning", "not judged", "stale", "ok", "empty")


@dataclass(frozen=True)
class StateChange:
    """A monitor that came to another state.

    Attributes
    ----------
    monitor : str
        Name of the asset.
    title : str
        What it watches, for readers.
    state, before : str
        What it says and what it said; `before` is empty for the first state of all.
    summary : str
        One sentence with the numbers.
    changed_at : datetime
        UTC.
    """

    monitor: str
    title: str
    state: str
    before: str
    summary: str
    changed_at: datetime


def find_history(filesystem: Filesystem) -> Path:
    """Return where the history of all monitors is."""
    return filesystem.logs / "monitor_states.jsonl"


def add_change(filesystem: Filesystem, change: StateChange) -> None:
    """Add a change to the history."""
    path = find_history(filesystem)
    is_new = not path.exists()
    filesystem.make_folder(path.parent)
    line = json.dumps(asdict(change) | {"changed_at": change.changed_at.isoformat()})
    # At once and at the end, so that lines of two processes do not mix.
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(file, f"{line}\n".encode())
    finally:
        os.close(file)
    if is_new:
        filesystem.set_permissions(path)


def read_changes(filesystem: Filesystem, monitor: str) -> list[StateChange]:
    """Return the changes of a monitor, the last first; a line that is cut off is left out."""
    try:
        lines = find_history(filesystem).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    changes = [change for line in lines if (change := _read(line)) and change.monitor == monitor]
    return changes[::-1]


def _read(line: str) -> StateChange | None:
    try:
        values = json.loads(line)
        at = datetime.fromisoformat(values.pop("changed_at"))
        return StateChange(**values, changed_at=at)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None

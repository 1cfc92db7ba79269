"""Name the states of monitors, and what a change from one to another is."""

from dataclasses import dataclass
from datetime import datetime

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
        What it says and what it said; `before` is None for the first state of all.
    summary : str
        One sentence with the numbers.
    changed_at : datetime
        UTC.
    """

    monitor: str
    title: str
    state: str
    before: str | None
    summary: str
    changed_at: datetime

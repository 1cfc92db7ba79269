"""Keep how far a sensor has asked the archive, as Dagster does: in a short text.

The cursor is only the time of the last poll; what was found is in the tables.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hstql_assets.observations.discovery import Poll, date_of
from hstql_resources.archive import Search

VERSION = 1
# An observation can enter the archive days after the date of its release or delivery that it
# bears: work on it was held up, or the date was that of the observation. A week covers a weekend
# and what is repaired after it, and costs little, for what is known is not listed again.
OVERLAP = timedelta(days=7)
LAUNCH = datetime(1990, 4, 24, tzinfo=UTC)
DIGITS = 12  # of a digest; two states that share it are one in 10^14


@dataclass(frozen=True)
class Cursor:
    """What a sensor remembers.

    Attributes
    ----------
    polled_at : datetime or None
        Everything up to this time was found, UTC; None before the first poll.
    asked : mapping of str to str
        What was requested of keys that are still to be fetched again: the first digits of the
        digest of what is listed.
    seen : Mapping or None
        What was seen of the tables, as `news` writes it; None for nothing.
    """

    polled_at: datetime | None = None
    asked: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[str, Any] | None = None

    @classmethod
    def read(cls, text: str | None) -> "Cursor":
        """Return a cursor; one that someone else wrote counts as none, so everything is asked."""
        try:
            found = json.loads(text or "{}")
            if found["version"] != VERSION:
                return cls()
            polled_at, asked = found["polled_at"], found.get("asked", {})
            time = None if polled_at is None else _read_time(polled_at)
            return cls(time, {str(key): str(asked[key]) for key in asked}, found.get("seen"))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            return cls()

    def write(self) -> str:
        """Return the text."""
        time = None if self.polled_at is None else self.polled_at.isoformat()
        found = {"version": VERSION, "polled_at": time}
        kept = {"asked": dict(self.asked), "seen": self.seen}
        return json.dumps(found | {name: value for name, value in kept.items() if value})

    @property
    def since(self) -> datetime | None:
        """From when on the archive is to be asked; None for everything."""
        return None if self.polled_at is None else self.polled_at - OVERLAP

    def has_asked(self, key: str, state: str) -> bool:
        """Tell whether a key was requested in a state, the digest of what is listed of it."""
        return self.asked.get(key) == state[:DIGITS]

    def remember(self, states: Mapping[str, str], asked: Collection[str]) -> "Cursor":
        """Return the cursor with the states of what was asked, and nothing else."""
        return replace(self, asked={key: states[key][:DIGITS] for key in sorted(asked)})


def _read_time(text: str) -> datetime:
    """Return the time of a poll; none was before the launch of HST, and none is still to come."""
    time = datetime.fromisoformat(text).astimezone(UTC)
    if not LAUNCH <= time <= datetime.now(UTC) + OVERLAP:
        raise ValueError("not the time of a poll")
    return time


def advance(cursor: Cursor, search: Search, poll: Poll, started: datetime) -> Cursor:
    """Return the cursor after a poll: never further than the first data set that was left."""
    if not poll.left:
        return replace(cursor, polled_at=started)
    dates = [date_of(dataset, search) for dataset in poll.left]
    known = [date for date in dates if date is not None]
    if len(known) < len(dates):
        return cursor
    reached = min(known)
    # A data set that bears an early date does not set the cursor back; the overlap holds it.
    return replace(cursor, polled_at=max(reached, cursor.polled_at or reached))

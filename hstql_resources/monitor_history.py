"""Ask for the state of a monitor and for those that it had, and keep that it came to another."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from hstql_resources.site.rows import AnyRow
from hstql_resources.tables import MonitorState, MonitorStateChange

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


def find_state(connection: Connection, monitor: str) -> AnyRow | None:
    """Return the row of a monitor.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    monitor : str
        Name of the asset.
    """
    one = MonitorState.__table__
    return connection.execute(select(one).where(one.c.monitor == monitor)).first()


def add_change(connection: Connection, change: StateChange) -> None:
    """Add a change to the history, in the transaction that writes the state."""
    connection.execute(insert(MonitorStateChange).values(asdict(change)))


def read_changes(connection: Connection, monitor: str) -> Sequence[AnyRow]:
    """Return the changes of a monitor, the last first."""
    one = MonitorStateChange.__table__
    statement = select(one).where(one.c.monitor == monitor)
    return connection.execute(statement.order_by(one.c.id.desc())).all()

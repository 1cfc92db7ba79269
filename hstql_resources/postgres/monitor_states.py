"""Ask for the state of a monitor and for those that it had, and keep that it came to another."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, insert, select

from hstql_resources.monitor_history import StateChange
from hstql_resources.site.rows import AnyRow
from hstql_resources.tables import MonitorState, MonitorStateChange


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


def find_last_change(connection: Connection, monitor: str) -> AnyRow | None:
    """Return the last change of a monitor.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    monitor : str
        Name of the asset.
    """
    one = MonitorStateChange.__table__
    statement = select(one).where(one.c.monitor == monitor)
    return connection.execute(statement.order_by(one.c.id.desc()).limit(1)).first()

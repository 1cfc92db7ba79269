"""Ask what monitors say."""

from collections.abc import Sequence

from sqlalchemy import Connection, case, select

from hstql_resources import tables
from hstql_resources.monitor_history import STATES
from hstql_resources.site.rows import AnyRow


def list_monitors(connection: Connection) -> Sequence[AnyRow]:
    """Return the states of all monitors, the worst first."""
    one = tables.MonitorState.__table__
    rank = case({name: rank for rank, name in enumerate(STATES)}, value=one.c.state, else_=-1)
    return connection.execute(select(one).order_by(rank, one.c.title, one.c.monitor)).all()

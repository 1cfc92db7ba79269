"""Monitors for programs: their states, and the history of one."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from hstql_resources.postgres.monitor_states import read_changes
from hstql_web.monitor_files import list_charts, read_content
from hstql_web.pages.interface import to_dict
from hstql_web.pages.monitors import CLOSED, Monitor, require_monitor
from hstql_web.queries.monitors import list_monitors
from hstql_web.visits import Reading

ROUTER = APIRouter(prefix="/api/v1", tags=["v1"])


@ROUTER.get("/monitors")
def list_states(visit: Reading) -> Response:
    """Return the states of all monitors, the worst first; for those who see everything."""
    visit.require_everything(CLOSED)
    return JSONResponse({"monitors": [to_dict(row) for row in list_monitors(visit.connection)]})


@ROUTER.get("/monitors/{monitor}")
def show_monitor(visit: Reading, monitor: Monitor) -> Response:
    """Return the state of a monitor with its history, the last first, and the names of its charts.

    The numbers of a chart are at /monitors/{monitor}/{chart}.csv.
    """
    row = require_monitor(visit, monitor)
    content = read_content(visit.desk.opened.filesystem, row)
    history = [to_dict(change) for change in read_changes(visit.connection, monitor)]
    return JSONResponse(
        {"monitor": to_dict(row), "history": history, "charts": list_charts(content)}
    )

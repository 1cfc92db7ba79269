"""Monitors: what each says and since when, and the page of one with its plots and numbers."""

from typing import Annotated

from fastapi import APIRouter, HTTPException
from fastapi import Path as InPath
from starlette.responses import FileResponse, Response

from hstql_assets.pages.exposure_links import is_name
from hstql_resources.postgres.monitor_states import find_state, read_changes
from hstql_resources.site.rows import AnyRow
from hstql_web.exports import FORMS
from hstql_web.guard import STYLED
from hstql_web.monitor_files import find_beside, read_content
from hstql_web.queries.monitors import list_monitors
from hstql_web.rendering import Menu
from hstql_web.visits import Reading, Visit

ROUTER = APIRouter(include_in_schema=False)
MENU = Menu("Monitors", "/monitors", 40)
Monitor = Annotated[str, InPath(pattern="^[A-Za-z0-9_]{1,100}$")]
ChartName = Annotated[str, InPath(pattern="^[A-Za-z0-9_-]{1,200}$")]
CLOSED = "Monitors are made of all exposures, and so shown to those who see everything."


@ROUTER.get("/monitors")
def show_all(visit: Reading) -> Response:
    """Show the states of all monitors, what has to be looked at first on top."""
    rows = list_monitors(visit.connection)
    return visit.render("monitors_list.html", "Monitors", rows=rows, closed=CLOSED)


@ROUTER.get("/monitors/{monitor}")
def show(visit: Reading, monitor: Monitor) -> Response:
    """Show what a monitor says, its plots, and the history of its state."""
    row = require_monitor(visit, monitor)
    content = read_content(visit.desk.opened.filesystem, row)
    named = [] if content is None else content["exposures"]
    response = visit.render(
        "monitor_page.html", row.title, row=row, content=content,
        history=read_changes(visit.connection, monitor),
        links={name: _find_address(visit, name) for name in named},
        beside=visit.address(f"/monitors/{row.monitor}/"),
    )  # fmt: skip
    response.headers.update(STYLED)
    return response


def _find_address(visit: Visit, name: str) -> str:
    """Return the page of an exposure, or the list of those that a cumulative image is made of."""
    if is_name(name):
        return visit.address(f"/exposure/{name}")
    return visit.address("/exposures", where=f"cumulative_image_members.image = {name}")


@ROUTER.get("/monitors/{monitor}/{chart}.csv")
def send_numbers(visit: Reading, monitor: Monitor, chart: ChartName) -> Response:
    """Send the numbers of a chart."""
    return _send(visit, monitor, chart, "csv", FORMS["csv"])


@ROUTER.get("/monitors/{monitor}/{chart}.png")
def send_picture(visit: Reading, monitor: Monitor, chart: ChartName) -> Response:
    """Send the picture of a chart."""
    return _send(visit, monitor, chart, "png", "image/png")


def _send(visit: Visit, monitor: str, chart: str, ending: str, kind: str) -> Response:
    row = require_monitor(visit, monitor)
    path = find_beside(visit.desk.opened.filesystem, row, chart, ending)
    if path is None:
        raise HTTPException(404, f"{monitor} has no such chart.")
    name = f"{row.monitor}_{path.name}" if ending == "csv" else None
    return FileResponse(path, filename=name, media_type=kind)


def require_monitor(visit: Visit, name: str) -> AnyRow:
    """Return the state of a monitor, for those who may see it."""
    visit.require_everything(CLOSED)
    row = find_state(visit.connection, name)
    if row is None:
        raise HTTPException(404, f"No monitor {name} has been made here.")
    return row

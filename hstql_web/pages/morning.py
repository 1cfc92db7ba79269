"""The first page: what came in the last days, what is the matter, and what was done about it."""

import shutil
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from hstql_web.queries import morning
from hstql_web.queries.commands import list_commands
from hstql_web.queries.exposures import find_preferred
from hstql_web.queries.lists import Choice, Order, read_list
from hstql_web.queries.monitors import list_monitors
from hstql_web.rendering import Menu
from hstql_web.visits import Reading, Visit

ROUTER = APIRouter(include_in_schema=False)
MENU = Menu("Morning", "/", 0)
_THUMBNAILS = 12  # of each instrument
_LINES = 15
INSTRUMENTS = ("acs", "cos", "stis", "wfc3")


@ROUTER.get("/")
def show(visit: Reading, days: Annotated[int, Query(ge=1, le=365)] = 3) -> Response:
    """Show what the last days brought; of a home that slept, the days before its last exposure."""
    newest = morning.find_newest(visit.connection)
    since = (newest or datetime.now(UTC)) - timedelta(days=days)
    counts = morning.count_new(visit.connection, since, visit.viewer.name)
    total = sum(row.exposures for row in counts)
    return visit.render(
        "morning.html",
        "Morning",
        days=days,
        since=since,
        newest=newest,
        counts=counts,
        total=total,
        most_new=morning.MOST_NEW,
        looked=morning.count_looked(visit.connection, since, visit.viewer.name) if total else (),
        strips=[_strip(visit, row.instrument, since) for row in counts if row.instrument],
        trouble=morning.list_trouble(visit.connection, _LINES),
        remarks=morning.list_remarks(visit.connection, _LINES),
        monitors=sorted(
            list_monitors(visit.connection), key=lambda one: one.changed_at, reverse=True
        ),
        **(_read_everything(visit) if visit.viewer.sees_all else {}),
    )


def _strip(visit: Visit, instrument: str, since: datetime) -> dict[str, Any]:
    """Return the last exposures of an instrument with their pictures, and the list of all."""
    choice = Choice(instrument=(instrument,), comes_since=since.date())
    order = Order("first_ingest_date")
    rows = read_list(visit.connection, choice, visit.viewer.name, order, _THUMBNAILS)
    query = {**choice.to_query(), "sort": "-first_ingest_date"}
    pictures = find_preferred(visit.connection, [row.rootname for row in rows])
    return {"instrument": instrument, "rows": rows, "pictures": pictures, "query": query}


def _read_everything(visit: Visit) -> dict[str, Any]:
    """Return what is shown to those alone who see everything."""
    return {
        "runs": visit.history.list_runs(_LINES),
        "automations": visit.history.list_automations(),
        "commands": list_commands(visit.connection, _LINES),
        "disk": shutil.disk_usage(visit.desk.opened.settings.home),
        "stock": visit.desk.stock.read(),
    }

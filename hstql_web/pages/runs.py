"""What ran: runs of Dagster, sensors, schedules and commands, each with its log.

For those who see everything: logs name exposures of all proposals.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from fastapi import Path as InPath
from starlette.responses import FileResponse, Response

from hstql_resources.captured_logs import find_tick_log, list_captured, read_end, write_plainly
from hstql_resources.run_tags import LOG_TAG
from hstql_resources.secret_texts import remove_secrets
from hstql_resources.site.rows import AnyRow
from hstql_web.queries.commands import find_command, list_commands
from hstql_web.visits import Reading, Visit

ROUTER = APIRouter(include_in_schema=False)
_LINES = 100
_EVENTS = 500
_LOG_BYTES = 100_000  # of the end of a log that a page shows
_MOST_NUMBER = 2**62
Name = Annotated[str, InPath(pattern=r"^[A-Za-z0-9_.+-]{1,250}$")]
Number = Annotated[int, InPath(ge=1, le=_MOST_NUMBER)]
Behind = Annotated[int | None, Query(ge=0, le=_MOST_NUMBER)]


@ROUTER.get("/runs")
def show_all(visit: Reading, behind: Behind = None, failed: bool = False) -> Response:
    """Show the last runs, sensors and schedules."""
    runs = visit.history.list_runs(_LINES, behind, failed=failed)
    return visit.render(
        "runs.html",
        "Runs",
        runs=runs,
        failed=failed,
        automations=visit.history.list_automations(),
        following=runs[-1].number if len(runs) == _LINES else None,
    )


@ROUTER.get("/runs/{run}")
def show_run(
    visit: Reading, run: Name, behind: Annotated[int, Query(ge=0, le=_MOST_NUMBER)] = 0,
    keys: bool = False,
) -> Response:  # fmt: skip
    """Show what a run said, and what its steps printed."""
    found = visit.history.find_run(run)
    if found is None:
        raise HTTPException(404, f"There is no run {run} here.")
    events = visit.history.read_events(found.run_id, behind, _EVENTS, in_detail=keys)
    logs = visit.desk.opened.filesystem.logs
    return visit.render(
        "run.html",
        "Run",
        run=found,
        events=[one._replace(text=_clean(visit, one.text)) for one in events],
        shows_keys=keys,
        counts=visit.history.count_keys(found.run_id),
        following=events[-1].number if len(events) == _EVENTS else None,
        command=find_command(visit.connection, found.tags.get(LOG_TAG, "")),
        printed=[_show_log(visit, path) for path in list_captured(logs, found.run_id)],
    )


@ROUTER.get("/commands")
def show_commands(visit: Reading, before: datetime | None = None) -> Response:
    """Show the last commands."""
    visit.require_everything()
    rows = list_commands(visit.connection, _LINES, before)
    following = rows[-1].started_at.isoformat() if len(rows) == _LINES else None
    return visit.render("commands.html", "Commands", commands=rows, following=following)


@ROUTER.get("/commands/{command}")
def show_command(visit: Reading, command: Name) -> Response:
    """Show the log of a command."""
    row = _require_command(visit, command)
    path = None if row.log is None else Path(row.log)
    return visit.render(
        "command.html",
        "Command",
        row=row,
        log=None if path is None or not path.is_file() else _show_log(visit, path),
        runs=visit.history.list_runs_of(row.id, _LINES),
    )


@ROUTER.get("/commands/{command}/log")
def send_log(visit: Reading, command: Name) -> Response:
    """Send the whole log of a command; nothing secret was written into it."""
    row = _require_command(visit, command)
    if row.log is None or not Path(row.log).is_file():
        raise HTTPException(404, "The log is not here any more.")
    return FileResponse(row.log, filename=Path(row.log).name, media_type="text/plain")


@ROUTER.get("/automations/{number}")
def show_automation(visit: Reading, number: Number, behind: Behind = None) -> Response:
    """Show when a sensor or schedule looked, and what came of it."""
    automations = visit.history.list_automations()
    one = next((one for one in automations if one.number == number), None)
    if one is None:
        raise HTTPException(404, "There is no such sensor or schedule here.")
    ticks = visit.history.list_ticks(number, _LINES, behind)
    following = ticks[-1].number if len(ticks) == _LINES else None
    return visit.render(
        "automation.html", one.name, automation=one, ticks=ticks, following=following
    )


@ROUTER.get("/ticks/{number}")
def show_tick(visit: Reading, number: Number) -> Response:
    """Show what a sensor or schedule found when it looked once."""
    tick = visit.history.find_tick(number)
    if tick is None:
        raise HTTPException(404, "There is no such tick here: those that found nothing go first.")
    path = find_tick_log(visit.desk.opened.filesystem.logs, tick.log_key)
    return visit.render(
        "tick.html",
        tick.automation,
        tick=tick._replace(text=_clean(visit, tick.text)),
        log=None if path is None else _show_log(visit, path),
    )


def _require_command(visit: Visit, name: str) -> AnyRow:
    visit.require_everything()
    row = find_command(visit.connection, name)
    if row is None:
        raise HTTPException(404, f"There is no command {name} here.")
    return row


def _show_log(visit: Visit, path: Path) -> dict[str, Any]:
    end = read_end(path, _LOG_BYTES)
    text = _clean(visit, write_plainly(end.text))
    return {"name": path.name, "text": text, "is_whole": end.is_whole}


def _clean(visit: Visit, text: str) -> str:
    return remove_secrets(text, visit.desk.opened.settings)

"""What ran for programs: runs of Dagster and commands, for those who see everything."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import JSONResponse, Response

from hstql_resources.postgres.dagster_history import DagsterRun
from hstql_resources.table_files.columns import plain
from hstql_web.pages.interface import Limit, to_dict
from hstql_web.pages.runs import Behind, Name
from hstql_web.queries.commands import list_commands
from hstql_web.visits import Reading

ROUTER = APIRouter(prefix="/api/v1", tags=["v1"])


@ROUTER.get("/runs")
def list_runs(
    visit: Reading, limit: Limit = 100, behind: Behind = None, failed: bool = False
) -> Response:
    """Return the last runs, those asked for before one; `next` is the address of earlier ones."""
    runs = visit.history.list_runs(limit, behind, failed=failed)
    query = {"limit": limit, "behind": runs[-1].number, "failed": failed} if runs else {}
    following = visit.address("/api/v1/runs", **query) if len(runs) == limit else None
    return JSONResponse({"runs": [_describe(one) for one in runs], "next": following})


@ROUTER.get("/runs/{run}")
def show_run(visit: Reading, run: Name) -> Response:
    """Return a run, and for how many keys it was planned and made something."""
    found = visit.history.find_run(run)
    if found is None:
        raise HTTPException(404, f"There is no run {run} here.")
    planned, made = visit.history.count_keys(found.run_id)
    return JSONResponse({"run": _describe(found), "planned": planned, "made": made})


@ROUTER.get("/commands")
def list_last_commands(
    visit: Reading,
    limit: Limit = 100,
    before: Annotated[datetime | None, Query(description="When they began, at most.")] = None,
) -> Response:
    """Return the last commands; their logs are at /commands/{id}/log."""
    visit.require_everything()
    rows = [to_dict(row) or {} for row in list_commands(visit.connection, limit, before)]
    for row in rows:
        row["log"] = row["log"] and visit.address(f"/commands/{row['id']}/log")
    return JSONResponse({"commands": rows})


def _describe(run: DagsterRun) -> dict[str, Any]:
    told = run._asdict() | {"keys": run.keys, "asker": run.asker}
    return {name: plain(value) for name, value in told.items() if name != "tags"}

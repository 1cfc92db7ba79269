"""Trends of anything: a column against another, for any list; points lead to their exposures."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import literal
from starlette.responses import Response, StreamingResponse

from hstql_resources.table_files.columns import Column
from hstql_web.choosing import Listed, Listing, name_key
from hstql_web.exports import FORMS, write
from hstql_web.guard import STYLED
from hstql_web.queries.keys import Key
from hstql_web.queries.terms import TermError
from hstql_web.queries.trends import (
    MOST_ROWS,
    POINTS,
    read_newest,
    select_trend,
    sort_newest_first,
)
from hstql_web.rendering import Menu
from hstql_web.trend_chart import draw_trend
from hstql_web.visits import Reading, Visit

ROUTER = APIRouter(include_in_schema=False)
MENU = Menu("Trends", "/trends", 30)
_EXTREMES = 8  # rows of the table, of either end
_ROWS_AT_ONCE = 5000
Name = Annotated[str, Query(max_length=200)]
Points = Annotated[int, Query(ge=1, le=POINTS[-1])]
_X, _Y = "exp_start_mjd", "exp_time_s"


@ROUTER.get("/trends")
def show(
    visit: Reading,
    listing: Listed,
    x: Name = _X,
    y: Name = _Y,
    colour: Name = "",
    x_log: bool = False,
    y_log: bool = False,
    points: Points = POINTS[0],
) -> Response:
    """Show a plot, and the exposures at the ends of it."""
    keys = _find_keys(visit, x or _X, y or _Y, colour)
    statement = _select(visit, listing, keys)
    found = read_newest(visit.connection, statement, points + 1)
    rows = found[:points]
    ordered = sorted(rows, key=lambda row: row[2])
    asked = listing.to_query()
    response = visit.render(
        "trends.html",
        "Trends",
        keys=keys,
        x_log=x_log,
        y_log=y_log,
        asked=asked,
        terms=listing.choice.to_query(),
        panel=draw_trend(rows, keys, (x_log, y_log)),
        points=len(rows),
        exposures=len({row[0] for row in rows}),
        most=points,
        choices=POINTS,
        is_cut=len(found) > points,
        lowest=ordered[:_EXTREMES],
        highest=ordered[: -_EXTREMES - 1 : -1],
        numbers={**asked, **{
            name: key.text for name, key in zip(("x", "y", "colour"), keys, strict=False)}},
    )  # fmt: skip
    response.headers.update(STYLED)
    return response


@ROUTER.get("/trends.csv")
def export(
    visit: Reading, listing: Listed, x: Name = _X, y: Name = _Y, colour: Name = ""
) -> Response:
    """Send the numbers of a trend, all of them."""
    keys = _find_keys(visit, x or _X, y or _Y, colour)
    statement = _select(visit, listing, keys)
    beyond = statement.with_only_columns(literal(1)).offset(MOST_ROWS).limit(1)
    if visit.connection.scalar(beyond):
        raise HTTPException(422, f"That is more than {MOST_ROWS:,} points: choose fewer exposures.")
    headers = {"Content-Disposition": 'attachment; filename="hstql_trend.csv"'}
    return StreamingResponse(
        _write(visit, sort_newest_first(statement), keys), media_type=FORMS["csv"], headers=headers
    )


def _write(visit: Visit, statement: Any, keys: Sequence[Key]) -> Iterator[bytes]:
    """Yield the numbers in a transaction of its own: that of the visit has ended by then."""
    columns = [Column("rootname", "", str), *(Column(key.text, "", float) for key in keys)]
    with visit.desk.opened.site.open(visit.viewer) as (connection, _):
        rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(statement)
        yield from write("csv", columns, rows)


def _select(visit: Visit, listing: Listing, keys: Sequence[Key]) -> Any:
    find = visit.desk.keys.find
    tables = {key.table for key in keys}
    found = {table: find(f"{table}.extver") for table in tables if find(f"{table}.ext")}
    extvers = {table: key for table, key in found.items() if key is not None}
    return select_trend(listing.choice, keys, extvers, visit.viewer.name)


def _find_keys(visit: Visit, x: str, y: str, colour: str) -> list[Key]:
    try:
        keys = [name_key(one, visit.desk.keys.find) for one in (x, y, colour) if one.strip()]
    except TermError as error:
        raise HTTPException(422, str(error)) from None
    for key in keys[:2]:
        if not key.is_number:
            raise HTTPException(422, f"{key.text} is no number, and so no axis.")
    return keys

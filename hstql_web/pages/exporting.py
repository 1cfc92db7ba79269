"""Lists for other programs, whole: CSV, JSON, VOTable, FITS, names."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from hstql_web.choosing import Listed, Listing
from hstql_web.exports import FORMS, write
from hstql_web.queries.exporting import list_columns, name_file, read_all
from hstql_web.queries.keys import OBSERVATIONS
from hstql_web.visits import Reading, Visit

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/export/exposures.{form}")
def export(
    visit: Reading, listing: Listed, form: Literal["csv", "json", "votable", "fits", "ids"]
) -> Response:
    """Send all exposures of a list."""
    name = name_file(form, datetime.now(UTC))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_write(visit, listing, form), media_type=FORMS[form], headers=headers)


def _write(visit: Visit, listing: Listing, form: str) -> Iterator[bytes]:
    """Yield the list in a transaction of its own: that of the visit has ended by then."""
    with visit.desk.opened.site.open(visit.viewer) as (connection, viewer):
        others = [key for key in listing.columns if key.table != OBSERVATIONS]  # all of that come
        rows = read_all(connection, listing.choice, viewer.name, listing.order, keys=others)
        yield from write(form, list_columns(others), rows)

"""The lightcurve of an exposure as the catalogue has it: its picture, and plots to zoom in."""

from pathlib import Path

from fastapi import APIRouter, HTTPException
from starlette.responses import FileResponse, Response

from hstql_assets.lightcurves.table import read_curve_table
from hstql_resources.fits.errors import UnusableFileError
from hstql_resources.site.rows import AnyRow
from hstql_web.choosing import Listed
from hstql_web.curve_charts import draw_table
from hstql_web.guard import STYLED
from hstql_web.pages.exposures import Rootname, find_curve_picture
from hstql_web.pages.files import send_picture
from hstql_web.queries.exposures import find_lightcurve
from hstql_web.visits import Reading, Visit

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/curve/{rootname}")
def show(visit: Reading, rootname: Rootname, listing: Listed) -> Response:
    """Show the plots."""
    row = _require(visit, rootname.lower())
    try:
        table = read_curve_table(Path(row.path))
    except UnusableFileError as fault:
        raise HTTPException(404, f"The lightcurve cannot be read: {fault}") from None
    response = visit.render(
        "curve.html", row.rootname, row=row, panels=draw_table(table), listing=listing.to_query()
    )
    response.headers.update(STYLED)
    return response


@ROUTER.get("/curve/{rootname}/picture")
def show_picture(visit: Reading, rootname: Rootname) -> Response:
    """Send its picture."""
    return send_picture(str(find_curve_picture(visit, _require(visit, rootname.lower()))))


@ROUTER.get("/curve/{rootname}/fits")
def send_file(visit: Reading, rootname: Rootname) -> Response:
    """Send its FITS file."""
    path = Path(_require(visit, rootname.lower()).path)
    if not path.is_file():
        raise HTTPException(404, "The lightcurve has no file here.")
    return FileResponse(path, filename=path.name, media_type="application/octet-stream")


def _require(visit: Visit, rootname: str) -> AnyRow:
    row = find_lightcurve(visit.connection, rootname)
    if row is None:
        raise HTTPException(404, f"There is no lightcurve of {rootname} here.")
    return row

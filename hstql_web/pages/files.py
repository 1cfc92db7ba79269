"""Pictures and files themselves, by their names in tables: no path of a request is opened."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException
from fastapi import Path as InPath
from starlette.responses import FileResponse, Response

from hstql_resources.site.rows import AnyRow
from hstql_web.pages.exposures import Rootname
from hstql_web.queries.exposures import find_file, find_picture, find_preferred
from hstql_web.visits import Reading, Visit

ROUTER = APIRouter(include_in_schema=False)
Filename = Annotated[str, InPath(pattern=r"^[A-Za-z0-9_.+-]{1,200}$")]
Number = Annotated[int, InPath(ge=1, le=2**31 - 1)]
_NO_FILE = "There is no such file here."
_KEPT = {"Cache-Control": "private, max-age=3600"}


@ROUTER.get("/picture/{filename}/{number}")
def show_picture(visit: Reading, filename: Filename, number: Number) -> Response:
    """Send a picture at full size."""
    row = find_picture(visit.connection, filename, number)
    return send_picture(None if row is None else row.path)


@ROUTER.get("/exposure/{rootname}/picture")
def show_preferred(visit: Reading, rootname: Rootname) -> Response:
    """Send the picture that stands for an exposure, in small."""
    row = find_preferred(visit.connection, [rootname.lower()]).get(rootname.lower())
    return send_picture(None if row is None else row.thumbnail_path)


@ROUTER.get("/thumbnail/{filename}/{number}")
def show_thumbnail(visit: Reading, filename: Filename, number: Number) -> Response:
    """Send a picture in small."""
    row = find_picture(visit.connection, filename, number)
    return send_picture(None if row is None else row.thumbnail_path)


@ROUTER.get("/file/{filename}")
def download(visit: Reading, filename: Filename) -> Response:
    """Send a FITS file."""
    path = Path(require_file(visit, filename).path)
    if not path.is_file():
        raise HTTPException(404, _NO_FILE)
    return FileResponse(path, filename=path.name, media_type="application/octet-stream")


def require_file(visit: Visit, filename: str) -> AnyRow:
    """Return the row of a file that the person may see, and that was not set aside."""
    row = find_file(visit.connection, filename)
    if row is None:
        raise HTTPException(404, _NO_FILE)
    if row.set_aside_at is not None:
        raise HTTPException(404, f"{filename} was set aside: the archive hands it out again.")
    return row


def send_picture(path: str | None) -> Response:
    """Send a picture by its path, if there is one."""
    if path is None or not Path(path).is_file():
        raise HTTPException(404, "There is no such picture here.")
    kind = "image/jpeg" if path.endswith(".thumb") else None  # all others say it by their name
    return FileResponse(path, headers=_KEPT, media_type=kind)

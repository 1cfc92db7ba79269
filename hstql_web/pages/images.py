"""Look at an image closely: its pixels in tiles, values and positions, data quality."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from fastapi import Path as InPath
from starlette.responses import JSONResponse, RedirectResponse, Response

from hstql_resources.fits.errors import UnusableFileError
from hstql_resources.site.rows import AnyRow
from hstql_web.explorer import drawing
from hstql_web.explorer.coding import CENTRE, SOFTENING, pack
from hstql_web.explorer.contents import Contents, Plane, Stamp, read_contents, take_stamp
from hstql_web.explorer.flags import name_bit, name_flags
from hstql_web.explorer.pyramid import TILE, Pyramid
from hstql_web.explorer.sky import locate
from hstql_web.explorer.store import STORE, Kept
from hstql_web.pages.files import Filename, require_file
from hstql_web.queries.images import list_others
from hstql_web.visits import Reading, Visit

ROUTER = APIRouter(include_in_schema=False)
Hdu = Annotated[int, InPath(ge=0, le=99_999)]
Place = Annotated[int, Query(ge=0, le=10_000_000)]
Level = Annotated[int, Query(ge=0, le=30)]
Limit = Annotated[float | None, Query(allow_inf_nan=False)]
_KEPT = {"Cache-Control": "private, max-age=3600"}
LOW, HIGH = 2, 7  # of the percentiles, if nobody chose others


@dataclass(frozen=True)
class Opened:
    """An image that somebody may see.

    Attributes
    ----------
    row : Row
        Of its file.
    stamp : Stamp
        The file as it is now.
    contents : Contents
        What is in it.
    plane : Plane
        The image.
    """

    row: AnyRow
    stamp: Stamp
    contents: Contents
    plane: Plane

    def build(self) -> Kept:
        """Return the image at all sizes."""
        return STORE.find(self.stamp, self.plane)


@contextmanager
def readable(filename: str) -> Iterator[None]:
    """Say in a sentence that a file cannot be read."""
    try:
        yield
    except UnusableFileError as error:
        raise HTTPException(422, f"{filename} {error.detail}.") from None
    except OSError as error:
        raise HTTPException(
            404, f"{filename} cannot be opened: {error.strerror or 'it is not there'}."
        ) from None


def open_contents(visit: Visit, filename: str) -> tuple[AnyRow, Stamp, Contents]:
    """Return the row of a file, the file and what is in it, if the person may see it."""
    row = require_file(visit, filename)
    with readable(filename):
        stamp = take_stamp(Path(row.path))
        return row, stamp, read_contents(stamp)


def open_image(visit: Visit, filename: str, number: int) -> Opened:
    """Return an image of a file, if the person may see it."""
    row, stamp, contents = open_contents(visit, filename)
    plane = contents.find(number)
    if plane is None:
        cause = f", for it {contents.fault}" if contents.fault else ""
        raise HTTPException(404, f"{filename} has no image in HDU {number}{cause}.")
    return Opened(row, stamp, contents, plane)


@ROUTER.get("/explore/{filename}")
def explore(visit: Reading, filename: Filename) -> Response:
    """Lead to the image or the spectra of a file."""
    _, _, contents = open_contents(visit, filename)
    if contents.has_spectra:
        return RedirectResponse(visit.address(f"/spectrum/{filename}"), 303)
    if contents.first is None:
        cause = f", for it {contents.fault}" if contents.fault else ""
        raise HTTPException(404, f"{filename} has neither image nor spectrum{cause}.")
    return RedirectResponse(visit.address(f"/image/{filename}/{contents.first.number}"), 303)


@ROUTER.get("/image/{filename}/{number}")
def show(
    visit: Reading,
    filename: Filename,
    number: Hdu,
    other: Annotated[str, Query(max_length=200, pattern="^[A-Za-z0-9_.+-]*$")] = "",
    stretch: drawing.Stretch = "asinh",
    colours: drawing.Colours = "grey",
    low: Limit = None,
    high: Limit = None,
) -> Response:
    """Show an image, and another one in turn with it."""
    opened = open_image(visit, filename, number)
    with readable(filename):
        facts = describe(visit, opened)
    return visit.render(
        "image.html", filename, opened=opened, facts=facts, other=other.strip(),
        chosen={"low": low, "high": high, "stretch": stretch, "colours": colours},
        stretches=drawing.STRETCHES, palettes=drawing.COLOURS,
        others=[one for one in list_others(visit.connection, opened.row.rootname,
                                           opened.row.filetype) if one != filename],
    )  # fmt: skip


@ROUTER.get("/image/{filename}/{number}/facts")
def tell(visit: Reading, filename: Filename, number: Hdu) -> Response:
    """Tell a script what it needs to know to draw an image."""
    opened = open_image(visit, filename, number)
    with readable(filename):
        return JSONResponse(describe(visit, opened))


def describe(visit: Visit, opened: Opened) -> dict[str, Any]:
    """Return size, coding, percentiles and flags of an image."""
    kept, plane = opened.build(), opened.plane
    image, coding = kept.image, kept.coding
    unit = "count" if plane.is_events else str(plane.header.values.get("BUNIT") or "").strip()
    return {
        "name": opened.row.filename, "number": plane.number, "label": plane.label,
        "version": opened.stamp.version, "unit": unit,
        "address": visit.address(f"/image/{opened.row.filename}/{plane.number}"),
        "rows": image.shape[0], "columns": image.shape[1], "tile": TILE,
        "levels": len(image.levels) + 1, "zero": coding.zero, "steps": coding.steps,
        "softening": SOFTENING, "centre": CENTRE, "percentiles": kept.percentiles,
        "hasFlags": opened.contents.find_beside(plane, "DQ") is not None,
    }  # fmt: skip


@ROUTER.get("/image/{filename}/{number}/tile")
def send_tile(
    visit: Reading, filename: Filename, number: Hdu, level: Level, row: Place, column: Place
) -> Response:
    """Send a part of an image, packed."""
    with readable(filename):
        kept = open_image(visit, filename, number).build()
        values = kept.image.cut(level, row, column)
    if values is None:
        raise HTTPException(404, "The image does not reach there.")
    return _send(pack(kept.coding.encode(values, level)))


@ROUTER.get("/image/{filename}/{number}/flags")
def send_flags(
    visit: Reading, filename: Filename, number: Hdu, level: Level, row: Place, column: Place
) -> Response:
    """Send the data quality of a part of an image, packed."""
    flags = _find_flags(open_image(visit, filename, number)).cut(level, row, column)
    if flags is None:
        raise HTTPException(404, "The image does not reach there.")
    return _send(pack(flags))


@ROUTER.get("/image/{filename}/{number}/bits")
def tell_bits(visit: Reading, filename: Filename, number: Hdu) -> Response:
    """Tell which flags an image has, and of how many pixels."""
    opened = open_image(visit, filename, number)
    counts = _find_flags(opened).counts
    return JSONResponse([
        {"bit": 1 << place, "name": name_bit(opened.contents.instrument, 1 << place),
         "pixels": int(count)}
        for place, count in enumerate(counts) if count
    ])  # fmt: skip


def _find_flags(opened: Opened) -> Pyramid:
    plane = opened.contents.find_beside(opened.plane, "DQ")
    if plane is None:
        raise HTTPException(404, f"{opened.row.filename} has no data quality of this image.")
    with readable(opened.row.filename):
        return STORE.find(opened.stamp, plane, are_flags=True).image


@ROUTER.get("/image/{filename}/{number}/pixel")
def tell_pixel(
    visit: Reading, filename: Filename, number: Hdu, column: Place, row: Place
) -> Response:
    """Tell exactly what stands in a pixel, counted from 1, and where on the sky it is."""
    opened = open_image(visit, filename, number)
    rows, columns = opened.plane.shape
    if not (1 <= row <= rows and 1 <= column <= columns):
        raise HTTPException(404, "The image does not reach there.")
    found: dict[str, Any] = {"column": column, "row": row}
    with readable(filename):
        for label, name in (("value", None), ("error", "ERR"), ("flags", "DQ")):
            plane = opened.contents.find_beside(opened.plane, name) if name else opened.plane
            if plane is not None:
                # As many digits as tell it from all others of its type.
                found[label] = str(STORE.read_pixel(opened.stamp, plane, row - 1, column - 1))
    if "flags" in found:
        found["meaning"] = name_flags(opened.contents.instrument, int(float(found["flags"])))
    found["sky"] = locate(opened.stamp, number, column, row)
    return JSONResponse(found)


@ROUTER.get("/image/{filename}/{number}/picture")
def send_picture(
    visit: Reading,
    filename: Filename,
    number: Hdu,
    stretch: drawing.Stretch = "asinh",
    colours: drawing.Colours = "grey",
    low: Limit = None,
    high: Limit = None,
) -> Response:
    """Send an image as a PNG that fits a screen."""
    with readable(filename):
        kept = open_image(visit, filename, number).build()
        low = (kept.percentiles[LOW] or 0.0) if low is None else low
        high = (kept.percentiles[HIGH] or 0.0) if high is None else high
        content = drawing.draw(kept.image, low, high, stretch, colours)
    return Response(content, media_type="image/png", headers=_KEPT)


def _send(content: bytes) -> Response:
    headers = {**_KEPT, "Content-Encoding": "gzip"}
    return Response(content, media_type="application/octet-stream", headers=headers)

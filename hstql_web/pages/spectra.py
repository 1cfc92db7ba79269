"""Look at extracted spectra closely: values with errors, flags, lines."""

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, HTTPException
from starlette.responses import JSONResponse, Response

from hstql_web.explorer.spectra import MOST_PIXELS, read_spectra
from hstql_web.pages.files import Filename
from hstql_web.pages.images import open_contents, readable
from hstql_web.queries.images import list_pictures_of
from hstql_web.visits import Reading

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/spectrum/{filename}")
def show(visit: Reading, filename: Filename) -> Response:
    """Show the spectra of a file."""
    row, _, contents = open_contents(visit, filename)
    if not contents.has_spectra:
        raise HTTPException(404, f"{filename} has no spectrum.")
    return visit.render(
        "spectrum.html", filename, row=row,
        pictures=list_pictures_of(visit.connection, filename), lines=read_lines(),
    )  # fmt: skip


@ROUTER.get("/spectrum/{filename}/data")
def send(visit: Reading, filename: Filename) -> Response:
    """Send the spectra of a file to a script."""
    row, _, _ = open_contents(visit, filename)
    with readable(filename):
        found = read_spectra(Path(row.path))
    if sum(one.wavelengths.size for one in found) > MOST_PIXELS:
        raise HTTPException(422, f"{filename} has more than {MOST_PIXELS:,} pixels of spectra.")
    return JSONResponse([one.to_json() for one in found])


@cache
def read_lines() -> list[tuple[str, float]]:
    """Return names and wavelengths (vacuum, Angstrom) of lines that are often looked for.

    After the line lists of SDSS and of Morton (2003, ApJS 149, 205).
    """
    source = files("hstql_web.explorer").joinpath("lines.tsv").read_text("utf-8")
    rows = csv.reader(source.splitlines(), delimiter="\t")
    return [(name, float(wavelength)) for name, wavelength in rows]

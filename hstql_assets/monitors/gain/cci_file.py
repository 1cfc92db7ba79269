"""Read cumulative images of the archive (CCI) as pulse-height cubes.

Their primary header says what they are of, extension 1 lists the files in them, and extensions 2
to 33 are images of 16384 x 1024 pixels, one for each pulse height from 0 to 31: two gigabytes when
decompressed, so that a few rows are read at a time.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.gain.fitting.cubes import (
    COLUMNS,
    PULSE_HEIGHTS,
    ROWS,
    X_BINNING,
    Y_BINNING,
    Counts,
    Cube,
    Lit,
    Origin,
    empty_counts,
    finite,
    read_level,
    read_segment,
)
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header
from hstql_resources.fits.keywords import integer, number, text
from hstql_resources.fits.stream import Extension, FitsStream
from hstql_resources.fits.tables import TableLayout, table_layout

UNKNOWN_LEVEL = -999  # DETHV of files that do not know it
BLOCK_ROWS = 64
MOST_EVENTS = 2**31
_PIXEL_TYPES = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}


def read_cci(path: Path, segment: str, high_voltage: int | None) -> Cube:
    """Read a cumulative image of the archive.

    Parameters
    ----------
    path : Path
        Plain or gzipped.
    segment : str
        FUVA or FUVB, by its name; what the header says counts more.
    high_voltage : int or None
        By its name; for files whose DETHV is not known, which is -999.

    Raises
    ------
    FitsError
        If it is not whole, has another number of images, images of another size, or negative
        counts, or says no time or voltage.
    """
    counts = empty_counts()
    with FitsStream(path) as stream:
        extensions = stream.extensions()
        origin = _read_cci_origin(next(extensions).header, segment, high_voltage)
        members: tuple[str, ...] = ()
        planes = 0
        for index, extension in enumerate(extensions, 1):
            if index == 1 and _is_table(extension):
                members = _read_names(stream, extension)
            elif planes == PULSE_HEIGHTS:
                raise FitsError(f"has more than {PULSE_HEIGHTS} images of pulse heights")
            else:
                _read_plane(stream, extension, counts[planes])
                planes += 1
    if planes != PULSE_HEIGHTS:
        raise FitsError(f"has {planes} images of pulse heights, not {PULSE_HEIGHTS}")
    return Cube(Lit.of(counts), (origin,), members)


def _is_table(extension: Extension) -> bool:
    return text(extension.header, "XTENSION") in ("BINTABLE", "TABLE")


def _read_cci_origin(header: Header, segment: str, high_voltage: int | None) -> Origin:
    level = integer(header, "DETHV", UNKNOWN_LEVEL)
    if level == UNKNOWN_LEVEL and high_voltage is not None:
        level = high_voltage
    start_mjd = finite(number(header, "EXPSTART"), "EXPSTART")
    return Origin(
        segment=read_segment(header) if "SEGMENT" in header else segment,
        high_voltage=read_level(level, "DETHV"),
        exp_start_mjd=start_mjd,
        exp_end_mjd=finite(number(header, "EXPEND", start_mjd), "EXPEND"),
        exp_time_s=finite(number(header, "EXPTIME", 0.0), "EXPTIME"),
        brftab=text(header, "BRFTAB", ""),
        spottab=text(header, "SPOTTAB", ""),
        is_simulated=header.get("SIMULATD") is True,
    )


def _read_names(stream: FitsStream, extension: Extension) -> tuple[str, ...]:
    """Return the first column of texts of the list of files; none if there is none."""
    if text(extension.header, "XTENSION") != "BINTABLE":
        return ()
    layout = table_layout(extension.header)
    rows = stream.table(extension, layout)
    for name in layout.record.names or ():
        if layout.record[name].kind == "S":
            return tuple(value.decode("latin-1").strip() for value in rows[name])
    return ()


def _read_plane(stream: FitsStream, extension: Extension, plane: Counts) -> None:
    header = extension.header
    axes = [integer(header, f"NAXIS{i}") for i in range(1, integer(header, "NAXIS") + 1)]
    if axes != [COLUMNS, ROWS] or text(header, "XTENSION", "") != "IMAGE":
        raise FitsError(f"has an extension of {axes} pixels, not an image of [{COLUMNS}, {ROWS}]")
    layout = _image_layout(header)
    first = 0
    for block in stream.blocks(extension, layout, BLOCK_ROWS):
        pixels = layout.column(block, "PIXELS")
        if not (pixels.min() >= 0 and pixels.max() < MOST_EVENTS):
            raise FitsError(f"has a pixel of {pixels.min()} to {pixels.max()} events")
        rows = sum_pixels(pixels)
        plane[first : first + len(rows)] = np.rint(rows).astype(np.uint32)
        first += len(rows)


def sum_pixels(pixels: np.ndarray) -> NDArray[np.float64]:
    """Return the sums over 8 x 2 pixels of an array of shape (2 n, 16384), shape (n, 2048)."""
    pairs = pixels[0::Y_BINNING].astype(np.float64)
    for row in range(1, Y_BINNING):
        pairs += pixels[row::Y_BINNING]
    # As a product with ones it is three times faster than a sum along so short an axis.
    sums: NDArray[np.float64] = pairs.reshape(len(pairs), -1, X_BINNING) @ np.ones(X_BINNING)
    return sums


def _image_layout(header: Header) -> TableLayout:
    """Return the rows of an image as those of a table with one column."""
    scale = number(header, "BSCALE", 1.0), number(header, "BZERO", 0.0)
    pixel = _PIXEL_TYPES.get(integer(header, "BITPIX"))
    if pixel is None:
        raise FitsError(f"has pixels of {integer(header, 'BITPIX')} bits")
    record = np.dtype([("PIXELS", pixel, (COLUMNS,))])
    scales = {} if scale == (1.0, 0.0) else {"PIXELS": scale}
    return TableLayout("IMAGE", record, ROWS, scales)

"""Files with known content for the gain: event lists, cumulative images, reference tables."""

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from astropy.io import fits
from scipy.special import ndtr

EDGES = np.arange(1.5, 31.0)[:, np.newaxis]  # of the pulse heights 2 to 30
BLOCK = 2880
PLANE = (1024, 16384)
START_MJD = 57028.25  # Tuesday, 2015-01-06


def expect_histogram(mean: float, width: float, events: float, background: float) -> np.ndarray:
    """Return the expected events of pulse heights 2 to 30, shape (29, 1)."""
    share = np.diff(ndtr((EDGES - mean) / width), axis=0)
    return events * share + background / len(share)


def draw_histograms(
    rng: np.random.Generator,
    number: int,
    mean: float,
    events: float,
    width: float = 1.05,
    background: float = 0.0,
) -> np.ndarray:
    """Return histograms of Gaussian pulse heights that became whole numbers, shape (29, n)."""
    expected = expect_histogram(mean, width, events, background)
    return rng.poisson(np.broadcast_to(expected, (len(expected), number))).astype(np.uint32)


def write_events(
    path: Path,
    columns: Mapping[str, np.ndarray],
    primary: Mapping[str, object] | None = None,
    extension: Mapping[str, object] | None = None,
) -> Path:
    """Write an event list; a keyword whose value is None is left out."""
    forms = {"f": "1E", "u": "1B", "i": "1I"}
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(name, forms[values.dtype.kind], array=values)
            for name, values in columns.items()
        ],
        name="EVENTS",
    )
    first = fits.PrimaryHDU()
    said = {"DETECTOR": "FUV", "SEGMENT": "FUVA", "OBSMODE": "TIME-TAG", **(primary or {})}
    more = {
        "EXPSTART": START_MJD,
        "EXPEND": START_MJD + 0.01,
        "EXPTIME": 864.0,
        "HVLEVELA": 163,
        "HVLEVELB": 175,
        **(extension or {}),
    }
    for header, keywords in ((first.header, said), (table.header, more)):
        header.update({key: value for key, value in keywords.items() if value is not None})
    fits.HDUList([first, table]).writeto(path, overwrite=True)
    return path


def corrected_events(x: Sequence[float], y: Sequence[float], heights: Sequence[int]) -> dict:
    """Return the columns of a corrtag file."""
    return {
        "XCORR": np.array(x, np.float32),
        "YCORR": np.array(y, np.float32),
        "PHA": np.array(heights, np.uint8),
    }


def write_cci(
    path: Path,
    pixels: Mapping[tuple[int, int, int], int],
    planes: int = 32,
    shape: tuple[int, int] = PLANE,
    **primary: object,
) -> Path:
    """Write a cumulative image with a few events: number by pulse height, row and column.

    A plain file is sparse on the disk. A compressed one consists of the same few members again and
    again, for it has half a gigabyte inside.
    """
    first = fits.PrimaryHDU()
    said = {
        "DETECTOR": "FUV",
        "SEGMENT": "FUVA",
        "EXPSTART": START_MJD,
        "EXPEND": START_MJD + 7.0,
        "EXPTIME": 5000.0,
        "DETHV": 163,
        "BRFTAB": "x1u1459il_brf.fits",
        **primary,
    }
    first.header.update({key: value for key, value in said.items() if value is not None})
    names = np.array(["lone01aaq", "ltwo01aaq"])
    files = fits.BinTableHDU.from_columns([fits.Column("ROOTNAME", "9A", array=names)])
    start = _to_bytes(first) + _to_bytes(files)
    if path.suffix == ".gz":
        _write_compressed(path, start, pixels, planes, shape)
    else:
        _write_sparse(path, start, pixels, planes, shape)
    return path


def _to_bytes(hdu: fits.PrimaryHDU | fits.BinTableHDU) -> bytes:
    header = hdu.header.tostring().encode()
    data = b"" if hdu.data is None else hdu.data.tobytes()
    return header + data + b"\0" * (-len(data) % BLOCK)


def _plane_header(shape: tuple[int, int]) -> bytes:
    header = fits.Header(
        [("XTENSION", "IMAGE"), ("BITPIX", 8), ("NAXIS", 2), ("NAXIS1", shape[1]),
         ("NAXIS2", shape[0]), ("PCOUNT", 0), ("GCOUNT", 1)]
    )  # fmt: skip
    return header.tostring().encode()


def _write_sparse(path, start, pixels, planes, shape) -> None:
    header, size = _plane_header(shape), shape[0] * shape[1]
    step = len(header) + size + (-size % BLOCK)
    with path.open("wb") as file:
        file.write(start)
        for plane in range(planes):
            file.seek(len(start) + plane * step)
            file.write(header)
        file.truncate(len(start) + planes * step)
        for (plane, row, column), number in pixels.items():
            file.seek(len(start) + plane * step + len(header) + row * shape[1] + column)
            file.write(bytes([number]))


def _write_compressed(path, start, pixels, planes, shape) -> None:
    size = shape[0] * shape[1]
    empty = gzip.compress(bytes(size + (-size % BLOCK)), 1)
    with path.open("wb") as file:
        file.write(gzip.compress(start, 1))
        for plane in range(planes):
            file.write(gzip.compress(_plane_header(shape), 1))
            own = {place[1:]: number for place, number in pixels.items() if place[0] == plane}
            if not own:
                file.write(empty)
                continue
            data = np.zeros(size + (-size % BLOCK), np.uint8)
            for (row, column), number in own.items():
                data[row * shape[1] + column] = number
            file.write(gzip.compress(data.tobytes(), 1))


def write_area(path: Path, areas: Mapping[str, tuple[int, int, int, int]]) -> Path:
    """Write a BRFTAB: first and last column, first and last row by segment."""
    edges = np.array(list(areas.values()))
    columns = [fits.Column("SEGMENT", "4A", array=list(areas))]
    for i, name in enumerate(("A_LEFT", "A_RIGHT", "A_LOW", "A_HIGH")):
        columns.append(fits.Column(name, "1I", array=edges[:, i]))
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(path)
    return path


def write_spots(path: Path, spots: Sequence[tuple]) -> Path:
    """Write a SPOTTAB: segment, start and stop (MJD), LX, LY, DX, DY."""
    names = ("SEGMENT", "START", "STOP", "LX", "LY", "DX", "DY")
    forms = ("4A", "1D", "1D", "1J", "1J", "1J", "1J")
    columns = [
        fits.Column(name, form, array=list(values))
        for name, form, values in zip(names, forms, zip(*spots, strict=True), strict=True)
    ]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(path)
    return path

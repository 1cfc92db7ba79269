"""Write images into FITS files, compressed without loss, and read what is tile-compressed."""

import gzip
import re
import warnings
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.io.fits.hdu.compressed import _codecs
from numpy.typing import NDArray

from hstql_resources.fits.byte_source import BLOCK
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.hdus import CARD
from hstql_resources.fits.header import Header, parse_header
from hstql_resources.fits.whole_files import open_whole

TILE_ROWS = 16  # that are compressed together; ten times faster than one by one


def compress(pixels: NDArray[Any], name: str, unit: str = "", tile_rows: int = TILE_ROWS) -> Any:
    """Return an image extension: floats by GZIP_2, whole numbers by Rice.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns)
    name : str
        EXTNAME.
    unit : str
        BUNIT; empty for none.
    tile_rows : int
        How many rows are compressed together.
    """
    forget_gzip_times()
    hdu = fits.CompImageHDU(
        pixels,
        name=name,
        compression_type="GZIP_2" if pixels.dtype.kind == "f" else "RICE_1",
        quantize_level=0.0,
        tile_shape=(tile_rows, pixels.shape[1]),
    )
    if unit:
        hdu.header["BUNIT"] = unit
    return hdu


def forget_gzip_times() -> None:
    """Have astropy pack images without the time of day, which gzip writes into every tile.

    So the same pixels make the same bytes, and checksums. There is no public way to ask for it.
    """
    _codecs.gzip_compress = partial(gzip.compress, mtime=0)


def show_image(cards: str, number: int) -> Header:
    """Return the header of an image in place of that of the table that it is packed in.

    Parameters
    ----------
    cards : str
        Those of the table, before END.
    number : int
        Of the HDU.

    Returns
    -------
    Header
        As astropy shows it; that of the table where astropy can make no image of it.
    """
    last = cards[-CARD:]
    broken = last if re.match("END(?![A-Z0-9_-])", last) else ""
    text = f"{cards.removesuffix(broken)}{'END':<{CARD}}"
    file = fits.PrimaryHDU().header.tostring() + text.ljust(-(-len(text) // BLOCK) * BLOCK)
    with warnings.catch_warnings(action="ignore"):
        try:
            header = fits.HDUList.fromstring(file.encode("latin-1"))[1].header
            shown = header.tostring("", endcard=False, padding=False)
        except Exception:  # whatever it is that astropy stumbles over
            return parse_header(cards, number)
    image, table = parse_header(shown + broken, number), parse_header(cards, number)
    image.values.update((keyword, None) for keyword, _ in table.unreadable)
    return replace(
        image, unreadable=table.unreadable, occurrences=table.occurrences, is_compressed=True
    )


def read_compressed(path: Path, number: int, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the pixels of a compressed image as they were meant, in native byte order.

    Raises
    ------
    FitsError
        If they cannot be unpacked, or are of another shape than the header says.
    """
    try:
        with open_whole(path) as hdus:
            pixels = hdus[number].data
    except Exception as error:  # each codec has exceptions of its own
        raise FitsError(f"has an image in HDU {number} that cannot be unpacked") from error
    if pixels is None or pixels.shape != shape:
        raise FitsError(f"has an image in HDU {number} that is not of the size that it says")
    return np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("="))

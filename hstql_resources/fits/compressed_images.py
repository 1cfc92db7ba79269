"""Write images into FITS files, compressed without loss, and read what is tile-compressed."""

import re
import warnings
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.io.fits.hdu.compressed._codecs import Rice1
from numpy.typing import NDArray

from hstql_resources.fits.byte_source import BLOCK
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.hdus import CARD
from hstql_resources.fits.header import Header, parse_header
from hstql_resources.fits.whole_files import open_whole
from hstql_resources.fits.writing import Card, NewHdu, sum_words

TILE_ROWS = 16  # that are compressed together; ten times faster than one by one
RICE_BLOCK = 32  # pixels
GZIP_LEVEL, GZIP_WINDOW, GZIP_MEMORY = 6, 31, 9  # the window of gzip, not of zlib
FLOAT_CARDS: tuple[Card, ...] = (
    ("ZCMPTYPE", "GZIP_2", "compression algorithm"),
    ("ZNAME1", "NOISEBIT", "floating point quantization level"),
    ("ZVAL1", 0.0, "floating point quantization level"),
)


def compress(
    pixels: NDArray[Any], name: str, cards: Sequence[Card] = (), tile_rows: int = TILE_ROWS
) -> NewHdu:
    """Return an image extension without loss: floats by GZIP_2, whole numbers by Rice.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns)
    name : str
        EXTNAME.
    cards : sequence of Card
        What its header says besides.
    tile_rows : int
        How many rows are compressed together.

    Raises
    ------
    ValueError
        If a row has no whole number of 32-bit words, of which checksums are sums.
    """
    if pixels.shape[1] * pixels.itemsize % 4:
        raise ValueError(f"{name} has rows of {pixels.shape[1]} pixels, no whole number of words")
    is_float, size = pixels.dtype.kind == "f", pixels.itemsize
    pack = _gzip if is_float else Rice1(blocksize=RICE_BLOCK, bytepix=size, tilesize=0).encode
    tiles, total = _pack_tiles(pixels, tile_rows, pack)
    sizes = np.array([len(tile) for tile in tiles])
    places = np.stack([sizes, np.cumsum(sizes) - sizes], axis=1)
    image = _image_cards(pixels)
    table: list[Card] = [
        *_table_cards(sizes),
        *((f"Z{keyword.removeprefix('X')}", *rest) for keyword, *rest in image),
        ("ZTILE1", pixels.shape[1], "size of tiles to be compressed"),
        ("ZTILE2", tile_rows, "size of tiles to be compressed"),
        *(FLOAT_CARDS if is_float else _rice_cards(size)),
        ("EXTNAME", name, "name of this binary table extension"),
        *cards,
    ]
    data = places.astype(">i4").tobytes() + b"".join(tiles)
    named: Card = ("EXTNAME", name, "extension name")
    return NewHdu(table, data, image=([*image, named, *cards], total))


def give_unit(unit: str) -> list[Card]:
    """Return the card of a unit; none if it is empty."""
    return [("BUNIT", unit, "")] if unit else []


def _image_cards(pixels: NDArray[Any]) -> list[Card]:
    """Return what a header says of an image as it is, without its name."""
    bits = 8 * pixels.itemsize
    return [
        ("XTENSION", "IMAGE", "Image extension"),
        ("BITPIX", -bits if pixels.dtype.kind == "f" else bits, "array data type"),
        ("NAXIS", 2, "number of array dimensions"),
        ("NAXIS1", pixels.shape[1], ""),
        ("NAXIS2", pixels.shape[0], ""),
        ("PCOUNT", 0, "number of parameters"),
        ("GCOUNT", 1, "number of groups"),
    ]


def _table_cards(sizes: NDArray[Any]) -> list[Card]:
    """Return what a header says of the table of tiles; their sizes of shape (n,), bytes."""
    return [
        ("XTENSION", "BINTABLE", "binary table extension"),
        ("BITPIX", 8, "array data type"),
        ("NAXIS", 2, "number of array dimensions"),
        ("NAXIS1", 8, "width of table in bytes"),
        ("NAXIS2", len(sizes), "number of rows in table"),
        ("PCOUNT", int(sizes.sum()), "number of group parameters"),
        ("GCOUNT", 1, "number of groups"),
        ("TFIELDS", 1, "number of fields in each row"),
        ("TTYPE1", "COMPRESSED_DATA", ""),
        ("TFORM1", f"1PB({sizes.max()})", ""),
        ("ZIMAGE", True, "extension contains compressed image"),
    ]


def _rice_cards(size: int) -> list[Card]:
    return [
        ("ZCMPTYPE", "RICE_1", "compression algorithm"),
        ("ZNAME1", "BLOCKSIZE", "compression block size"),
        ("ZVAL1", RICE_BLOCK, "pixels per block"),
        ("ZNAME2", "BYTEPIX", "bytes per pixel (1, 2, 4, or 8)"),
        ("ZVAL2", size, "bytes per pixel (1, 2, 4, or 8)"),
    ]


def _pack_tiles(
    pixels: NDArray[Any], tile_rows: int, pack: Callable[[NDArray[Any]], bytes]
) -> tuple[list[bytes], int]:
    """Return the tiles packed, and the sum of the words of all pixels.

    They are taken one by one, so that they stay in the cache; one that is as that before it, as
    where there is nothing, is not packed again.
    """
    packed: list[bytes] = []
    total, before = 0, b""
    for first in range(0, len(pixels), tile_rows):
        tile = pixels[first : first + tile_rows].astype(pixels.dtype.newbyteorder(">"))
        plain = tile.tobytes()
        packed.append(packed[-1] if plain == before else pack(tile))
        total, before = sum_words(plain, total), plain
    return packed, total


def _gzip(tile: NDArray[Any]) -> bytes:
    """Pack the first bytes of all numbers, then the second ones ..., without the time of day.

    In these only runs of one byte repeat: to look for more takes four times as long, for nothing.
    """
    by_place = tile.reshape(-1, 1).view(np.uint8).T
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW, GZIP_MEMORY, zlib.Z_RLE)
    return packer.compress(by_place.tobytes()) + packer.flush()


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

"""Turn the rows of a BPIXTAB into an image of DQ, and back.

The table selects by OPT_ELEM only, and has columns PIX1, PIX2 (start, low-resolution, from 1),
LENGTH, AXIS (1 along x, 2 along y) and VALUE. See calstis, DQICORR. A corrtag carries a table of
the same columns with all that was found bad in its mode: how much of a background box is left
cannot be told from events.
"""

from dataclasses import dataclass

import numpy as np

from hstql_assets.stis_events.flat_fields import pixel_of
from hstql_assets.stis_events.traces import LOW

ANY = "ANY"
COLUMNS = ("PIX1", "PIX2", "LENGTH", "AXIS", "VALUE")


@dataclass(frozen=True)
class BadPixels:
    """The columns of a BPIXTAB, all of shape (rows,); OPT_ELEM is ANY where the table lacks it."""

    opt_elem: np.ndarray
    pix1: np.ndarray
    pix2: np.ndarray
    length: np.ndarray
    axis: np.ndarray
    value: np.ndarray


def draw_quality(table: BadPixels, opt_elem: str) -> np.ndarray:
    """Lay the rows of one optical element over each other.

    Parameters
    ----------
    table : BadPixels
        The table; rows that begin off the detector are passed over.
    opt_elem : str
        OPT_ELEM of the exposure.

    Returns
    -------
    numpy.ndarray of int32, shape (1024, 1024)
        Bits of DQ.
    """
    image = np.zeros((LOW, LOW), np.int32)
    names = np.char.upper(np.char.strip(table.opt_elem.astype(str)))
    for i in np.flatnonzero((names == opt_elem.upper()) | (names == ANY)):
        x, y, length = int(table.pix1[i]) - 1, int(table.pix2[i]) - 1, int(table.length[i])
        if not (0 <= x < LOW and 0 <= y < LOW and length > 0):
            continue
        if table.axis[i] == 1:
            image[y, x : x + length] |= int(table.value[i])
        elif table.axis[i] == 2:
            image[y : y + length, x] |= int(table.value[i])
    return image


def look_up_quality(x: np.ndarray, y: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Return DQ of each event by its detected pixel, shape (n,); 0 off the detector.

    Parameters
    ----------
    x, y : numpy.ndarray of int, shape (n,)
        Detected high-resolution pixel, from 1.
    image : numpy.ndarray of int, shape (1024, 1024)
        Bits of DQ.
    """
    row, column = pixel_of(x, y, LOW)
    inside = (row >= 0) & (row < LOW) & (column >= 0) & (column < LOW)
    quality = np.zeros(len(x), np.int32)
    quality[inside] = image[row[inside], column[inside]]
    return quality


def encode_quality(image: np.ndarray) -> BadPixels:
    """Return the rows, along x, that `draw_quality` makes the image of.

    Parameters
    ----------
    image : numpy.ndarray of int, shape (1024, 1024)
        Bits of DQ.
    """
    # A run begins where the value differs from that to its left.
    bordered = np.pad(image, ((0, 0), (1, 0)))
    begins = (image != bordered[:, :-1]) & (image != 0)
    ends = (image != np.pad(image, ((0, 0), (0, 1)))[:, 1:]) & (image != 0)
    y, first = np.nonzero(begins)
    last = np.nonzero(ends)[1]
    return BadPixels(
        opt_elem=np.full(len(y), ANY),
        pix1=first + 1,
        pix2=y + 1,
        length=last - first + 1,
        axis=np.ones(len(y), np.int64),
        value=image[y, first],
    )

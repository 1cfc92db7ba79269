"""Read flat fields: what an event has to be divided by, by the pixel that detected it.

The correction belongs to the detector, so it is looked up at DETAXIS1 and AXIS2, before the Doppler
shift was taken out. See the STIS Data Handbook, section 3.4 (FLATCORR).
"""

from collections.abc import Sequence

import numpy as np

from hstql_assets.stis_events.traces import HIGH, LOW

BAD_REFERENCE_PIXEL = 512  # bit of DQ: bad pixel in a reference file (STIS Data Handbook)


def pixel_of(x: np.ndarray, y: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column, from 0, each of shape (n,), in an image of 1024 or 2048 a side.

    Parameters
    ----------
    x, y : numpy.ndarray, shape (n,)
        High-resolution pixels, from 1.
    size : int
        Pixels on a side of the image.
    """
    step = HIGH // size
    return (np.asarray(y, np.intp) - 1) // step, (np.asarray(x, np.intp) - 1) // step


def flat_weights(x: np.ndarray, y: np.ndarray, flats: Sequence[np.ndarray]) -> np.ndarray:
    """Return the weight of each event: 1 over the product of the flats in its pixel.

    Parameters
    ----------
    x, y : numpy.ndarray of int, shape (n,)
        Detected high-resolution pixel, from 1.
    flats : sequence of numpy.ndarray
        Images of (1024, 1024) or (2048, 2048), dimensionless, near 1.

    Returns
    -------
    numpy.ndarray, shape (n,)
        0 where a flat is not above 0 or no number, or the pixel is off the detector.

    Raises
    ------
    ValueError
        If an image has another shape.
    """
    product = np.ones(len(x))
    for flat in flats:
        if flat.shape not in ((LOW, LOW), (HIGH, HIGH)):
            raise ValueError(f"A flat has the shape {flat.shape}, neither {LOW} nor {HIGH} a side.")
        row, column = pixel_of(x, y, len(flat))
        inside = (row >= 0) & (row < len(flat)) & (column >= 0) & (column < len(flat))
        value = np.zeros(len(x))
        value[inside] = flat[row[inside], column[inside]]
        product *= np.where(np.isfinite(value) & (value > 0), value, 0.0)
    weights = np.zeros(len(x))
    np.divide(1.0, product, out=weights, where=product > 0)
    return weights


def flag_bad_flats(flats: Sequence[np.ndarray]) -> np.ndarray:
    """Return DQ of the low-resolution pixels in which a flat is of no use, shape (1024, 1024)."""
    is_bad = np.zeros((LOW, LOW), bool)
    for flat in flats:
        wrong = ~(np.isfinite(flat) & (flat > 0))
        step = len(flat) // LOW
        is_bad |= wrong.reshape(LOW, step, LOW, step).any(axis=(1, 3))
    return np.where(is_bad, BAD_REFERENCE_PIXEL, 0).astype(np.int32)

"""Draw an image as a PNG, for a browser without script and for whoever keeps a picture."""

import io
import math
from collections.abc import Mapping
from typing import Any, Literal, get_args

import numpy as np
from bokeh.palettes import Cividis256, Greys256, Inferno256, Viridis256
from numpy.typing import NDArray
from PIL import Image

from hstql_web.explorer.pyramid import Pyramid

Stretch = Literal["linear", "asinh", "log", "sqrt", "histogram"]
STRETCHES: tuple[Stretch, ...] = get_args(Stretch)
Colours = Literal["grey", "inverted grey", "viridis", "cividis", "inferno"]
ASINH, LOG = 10.0, 1000.0  # how steep they begin
COLOURS: Mapping[Colours, tuple[str, ...]] = {
    "grey": tuple(Greys256), "inverted grey": tuple(reversed(Greys256)),
    "viridis": tuple(Viridis256), "cividis": tuple(Cividis256), "inferno": tuple(Inferno256),
}  # fmt: skip
NO_VALUE = (70, 90, 120)
WIDTH = 1024  # pixels of a picture, at most


def draw(image: Pyramid, low: float, high: float, stretch: Stretch, colours: Colours) -> bytes:
    """Return an image as a PNG that fits a screen, the first row at the bottom."""
    level = max(0, math.ceil(math.log2(max(image.shape) / WIDTH)))
    values = image.levels[level - 1] if level else image.read(0, image.shape[0])
    share = stretch_values(values.astype(np.float64), low, high, stretch, image.sample)
    table = np.array([_read_colour(one) for one in COLOURS[colours]] + [NO_VALUE], np.uint8)
    places = np.where(np.isnan(share), 256, np.nan_to_num(share) * 255).astype(np.intp)
    out = io.BytesIO()
    Image.fromarray(table[places[::-1]]).save(out, "PNG", compress_level=1)
    return out.getvalue()


def stretch_values(
    values: NDArray[Any], low: float, high: float, stretch: Stretch, sample: NDArray[Any]
) -> NDArray[np.float64]:
    """Return where values lie between two limits, from 0 to 1 by a stretch; NaN where none is.

    Parameters
    ----------
    values : ndarray
    low, high : float
        What becomes 0 and 1.
    stretch : Stretch
        One of `STRETCHES`.
    sample : ndarray
        Values of which a histogram is made equal.
    """
    width = high - low if high > low else 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        share: NDArray[np.float64] = np.clip((values - low) / width, 0.0, 1.0)
    if stretch == "asinh":
        share = np.arcsinh(ASINH * share) / np.arcsinh(ASINH)
    elif stretch == "log":
        share = np.log1p(LOG * share) / np.log1p(LOG)
    elif stretch == "sqrt":
        share = np.sqrt(share)
    elif stretch == "histogram":
        inside = np.sort(sample[(sample >= low) & (sample <= high)], axis=None)
        order = np.searchsorted(inside, values, side="right") / max(inside.size, 1)
        share = np.where(np.isnan(share), np.nan, order)
    return share


def _read_colour(text: str) -> tuple[int, int, int]:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)

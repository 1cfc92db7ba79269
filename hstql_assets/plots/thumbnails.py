"""Draw the net rate of a lightcurve in a few hundred bytes and a millisecond: a thumbnail."""

import numpy as np
from PIL import Image, ImageColor

from hstql_assets.lightcurves.table import CurveTable
from hstql_assets.pages.colours import COLOURS
from hstql_assets.pages.drawing.plot import encode
from hstql_assets.plots.points import place_side_by_side, take_points

WIDTH, HEIGHT, MARGIN = 240, 60, 3
MOST_POINTS = 480
SQUARE = np.array([(0, 0, 1, 1), (0, 1, 0, 1)])
PAPER, FAINT = "#ffffff", "#c8ced6"


def draw_thumbnail(table: CurveTable) -> bytes:
    """Draw the net rate from zero up, exposures side by side, each in its colour.

    Parameters
    ----------
    table : CurveTable
        Individual or composite. Where nothing was live nothing is drawn.

    Returns
    -------
    bytes
        A PNG, 240 pixels wide.
    """
    thinned = take_points(table, MOST_POINTS)
    points = thinned.points
    places_s, _ = place_side_by_side(points, thinned.width_s)
    is_known = np.isfinite(points.net)
    values = points.net[is_known]
    low, high = min(values.min(initial=0.0), 0.0), values.max(initial=0.0)
    scale = (HEIGHT - 2 * MARGIN) / ((high - low) or 1.0)
    x = MARGIN + places_s[is_known] / places_s.max(initial=1.0) * (WIDTH - 2 * MARGIN)
    y = HEIGHT - MARGIN - (values - low) * scale
    pixels = np.full((HEIGHT, WIDTH, 3), ImageColor.getrgb(PAPER), np.uint8)
    pixels[int(HEIGHT - MARGIN + low * scale)] = ImageColor.getrgb(FAINT)
    corners = np.floor(np.stack([y, x]) - 0.5).astype(np.intp)
    inks = np.array([ImageColor.getrgb(colour) for colour in COLOURS], np.uint8)
    ink = inks[(points.dataset[is_known] - 1) % len(COLOURS)]
    # Each point has four pixels; later points lie over earlier ones.
    rows, columns = corners[..., None] + SQUARE[:, None]
    pixels[rows, columns] = ink[:, None]
    return encode(Image.fromarray(pixels))

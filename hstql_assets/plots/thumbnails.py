"""Draw the net rate of a lightcurve in a few hundred bytes and a millisecond: a thumbnail."""

import io

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from hstql_assets.lightcurves.table import CurveTable
from hstql_assets.pages.colours import colour_of
from hstql_assets.plots.points import place_side_by_side, take_points

WIDTH, HEIGHT, MARGIN = 240, 60, 3
MOST_POINTS = 480
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
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    values = points.net[is_known]
    low, high = min(values.min(initial=0.0), 0.0), values.max(initial=0.0)
    scale = (HEIGHT - 2 * MARGIN) / ((high - low) or 1.0)
    x = MARGIN + places_s[is_known] / places_s.max(initial=1.0) * (WIDTH - 2 * MARGIN)
    y = HEIGHT - MARGIN - (values - low) * scale
    zero = HEIGHT - MARGIN + low * scale
    pen.line([(0, zero), (WIDTH, zero)], fill=FAINT)
    for left, top, number in zip(x, y, points.dataset[is_known], strict=True):
        pen.rectangle(
            [left - 0.5, top - 0.5, left + 0.5, top + 0.5],
            fill=ImageColor.getrgb(colour_of(int(number))),
        )
    buffer = io.BytesIO()
    image.quantize(32, Image.Quantize.FASTOCTREE).save(buffer, "PNG")
    return buffer.getvalue()

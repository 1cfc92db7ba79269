"""Draw a small picture of one slew, for the user interface."""

import io

from PIL import Image, ImageDraw

from hstql_assets.batching.pictures import FAINT, HEIGHT, INK, MARK, PAPER, Picture

REACH_ARCSEC = 3.0  # from the middle to the edge
CIRCLE_ARCSEC = 2.0


def draw_slew(x: float | None, y: float | None, kind: str) -> Picture:
    """Draw where a slew went: a dot, and a circle of 2 arcsec; a slew along one axis is a line.

    Parameters
    ----------
    x, y : float or None
        Along and across the dispersion [arcsec]; not both None.
    kind : str
        Such as ACQ/IMAGE.
    """
    image = Image.new("RGB", (HEIGHT, HEIGHT), PAPER)
    pen, middle, scale = ImageDraw.Draw(image), HEIGHT / 2, HEIGHT / 2 / REACH_ARCSEC
    radius = CIRCLE_ARCSEC * scale
    pen.line([(0, middle), (HEIGHT, middle)], fill=FAINT)
    pen.line([(middle, 0), (middle, HEIGHT)], fill=FAINT)
    pen.ellipse([middle - radius, middle - radius, middle + radius, middle + radius], outline=MARK)
    right = middle + _clip(x or 0.0) * scale
    up = middle - _clip(y or 0.0) * scale
    pen.line([(middle, middle), (right, up)], fill=INK)
    pen.ellipse([right - 3, up - 3, right + 3, up + 3], fill=INK)
    buffer = io.BytesIO()
    image.quantize(8, Image.Quantize.FASTOCTREE).save(buffer, "PNG")
    parts = [f"{name} {value:+.3f}" for name, value in (("x", x), ("y", y)) if value is not None]
    return Picture(
        buffer.getvalue(),
        f"slew of {kind}: {', '.join(parts)} arcsec (x to the right; circle of 2 arcsec)",
    )


def _clip(value: float) -> float:
    return max(-REACH_ARCSEC, min(REACH_ARCSEC, value))

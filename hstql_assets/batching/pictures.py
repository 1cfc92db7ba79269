"""Draw small pictures for the user interface: in a millisecond, a few kilobytes each.

They show shape, not numbers; the full figures are in `plots`.
"""

import io
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT, MARGIN = 480, 120, 6
INK, FAINT, PAPER = (31, 90, 160), (200, 206, 214), (255, 255, 255)
MARK = (200, 40, 40)
SKY_COLOURS = (PAPER, FAINT, MARK)


@dataclass(frozen=True)
class Picture:
    """A PNG with a caption.

    Attributes
    ----------
    png : bytes
        The file.
    caption : str
        What is to be seen, with units.
    """

    png: bytes
    caption: str


def draw_steps(values: np.ndarray, caption: str) -> Picture:
    """Draw a series as steps from zero; gaps (NaN) stay empty.

    Parameters
    ----------
    values : ndarray, shape (n,)
        One value per bin.
    caption : str
        What the values are.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    finite = values[np.isfinite(values)]
    if finite.size:
        low, high = min(0.0, float(finite.min())), float(finite.max())
        columns = np.array_split(values, min(len(values), WIDTH - 2 * MARGIN))
        scale = (HEIGHT - 2 * MARGIN) / ((high - low) or 1.0)
        zero = HEIGHT - MARGIN - (0.0 - low) * scale
        pen.line([(MARGIN, zero), (WIDTH - MARGIN, zero)], fill=FAINT)
        _draw_columns(pen, columns, HEIGHT - MARGIN + low * scale, scale)
    return Picture(_to_png(image), caption)


def _draw_columns(
    pen: ImageDraw.ImageDraw, columns: list[np.ndarray], base: float, scale: float
) -> None:
    """Draw a line through values: of each column, shape (n,), from the least to the largest."""
    step = (WIDTH - 2 * MARGIN) / len(columns)
    previous: float | None = None
    for index, column in enumerate(columns):
        seen = column[np.isfinite(column)]
        if not seen.size:
            previous = None
            continue
        left = MARGIN + index * step
        top, bottom = base - float(seen.max()) * scale, base - float(seen.min()) * scale
        if previous is not None:
            pen.line([(left, previous), (left, top)], fill=INK)
        pen.line([(left, top), (left + step, top)], fill=INK)
        if bottom - top >= 1:
            pen.line([(left, top), (left, bottom)], fill=INK)
        previous = bottom


def draw_sky(ra_deg: float, dec_deg: float) -> Picture:
    """Draw a position on a map of the whole sky (Hammer projection, right ascension to the left).

    Parameters
    ----------
    ra_deg, dec_deg : float
        Right ascension and declination, degrees.
    """
    image = _draw_map().copy()
    x, y = _hammer((ra_deg + 180.0) % 360.0 - 180.0, dec_deg)
    ImageDraw.Draw(image).ellipse([x - 4, y - 4, x + 4, y + 4], fill=SKY_COLOURS.index(MARK))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", bits=2, compress_level=1)
    return Picture(
        buffer.getvalue(), f"RA {ra_deg:.4f}, Dec {dec_deg:+.4f} deg (0 h in the middle, east left)"
    )


@cache
def _draw_map() -> Image.Image:
    """Draw the lines of the map, once in a process: they take longer than all the rest."""
    image = Image.new("P", (2 * HEIGHT, HEIGHT), SKY_COLOURS.index(PAPER))
    image.putpalette([part for colour in SKY_COLOURS for part in colour])
    pen, faint = ImageDraw.Draw(image), SKY_COLOURS.index(FAINT)
    for dec in (-60, -30, 0, 30, 60):
        pen.line([_hammer(ra, dec) for ra in range(-180, 181, 5)], fill=faint)
    for ra in range(-180, 181, 60):
        pen.line([_hammer(ra, dec) for dec in range(-90, 91, 5)], fill=faint)
    return image


def _hammer(ra_deg: float, dec_deg: float) -> tuple[float, float]:
    half_ra, dec = np.radians(ra_deg) / 2.0, np.radians(dec_deg)
    depth = np.sqrt(1.0 + np.cos(dec) * np.cos(half_ra))
    x = -np.cos(dec) * np.sin(half_ra) / depth
    y = np.sin(dec) / depth
    reach = HEIGHT - MARGIN
    return float(HEIGHT + x * reach), float(HEIGHT / 2 - y * reach / 2)


def _to_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.quantize(16, Image.Quantize.FASTOCTREE).save(buffer, "PNG")
    return buffer.getvalue()

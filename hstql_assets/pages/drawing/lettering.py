"""Write texts in pictures, in the font that Matplotlib brings along."""

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SMALLEST = 10  # pixels; what is still too long then is cut off
KEPT = 2000  # texts; ticks and names of axes are the same in most pictures


def write(image: Image.Image, place: tuple[float, float], text: str, size: int, ink: str,
          anchor: str = "la") -> None:  # fmt: skip
    """Write a line of text at a place in pixels; anchor as Pillow has them."""
    (x, left), (y, top) = (divmod(each, 1) for each in place)
    mask, corner = _letter(text, size, anchor, (left, top))
    image.paste(ink, (int(x) + corner[0], int(y) + corner[1]), mask)


def write_upwards(
    image: Image.Image, place: tuple[float, float], text: str, size: int, ink: str
) -> None:
    """Write a line of text from below upwards, its middle at a place in pixels."""
    mask = _turn(text, size)
    corner = round(place[0] - mask.width / 2), round(place[1] - mask.height / 2)
    image.paste(ink, corner, mask)


@lru_cache(KEPT)
def measure(text: str, size: int) -> float:
    """Return how long a text is, in pixels."""
    return float(find_font(size).getlength(text))


def fit(text: str, size: int, length: float) -> tuple[str, int]:
    """Return a text on one line and its size in pixels: smaller, or cut off, if it is too long.

    What cannot be printed has a sign in its place.
    """
    text = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
    while size > SMALLEST and measure(text, size) > length:
        size -= 1
    while len(text) > 1 and measure(text, size) > length:
        kept = min(len(text) - 2, int(len(text) * length / measure(text, size)))
        text = text[: max(kept, 0)] + "…"
    return text, size


@cache
def find_font(size: int) -> ImageFont.FreeTypeFont:
    """Return the font, letters so many pixels high."""
    spec = find_spec("matplotlib")  # found, not imported
    folders = spec.submodule_search_locations if spec else None
    path = Path((folders or [""])[0]) / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(KEPT)
def _letter(
    text: str, size: int, anchor: str, start: tuple[float, float]
) -> tuple[Image.Image, tuple[int, int]]:
    """Return a text from parts of a pixel on, and where that lies from the pixel."""
    left, top, right, bottom = find_font(size).getbbox(text, anchor=anchor)
    corner = int(left) - 2, int(top) - 2
    mask = Image.new("L", (int(right - left) + 5, int(bottom - top) + 5))
    place = start[0] - corner[0], start[1] - corner[1]
    ImageDraw.Draw(mask).text(place, text, fill=255, font=find_font(size), anchor=anchor)
    return mask, corner


@lru_cache(KEPT)
def _turn(text: str, size: int) -> Image.Image:
    left, top, right, bottom = find_font(size).getbbox(text)
    mask = Image.new("L", (max(int(right - left), 1), max(int(bottom - top), 1)))
    ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=find_font(size))
    return mask.transpose(Image.Transpose.ROTATE_90)

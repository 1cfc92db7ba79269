"""Hold a picture that was drawn, write it with its thumbnail, and draw a note in an empty one."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hstql_assets.previews.stretching import NO_DATA
from hstql_resources.filesystem import Filesystem, PreviewFiles

THUMBNAIL_SIZE = 128  # pixels of the longer side
QUALITY, THUMBNAIL_QUALITY = 75, 85  # of JPEG
MOST_SIDE = 65_500  # pixels, of JPEG

# A picture with a note is at least so large that the note can be read.
_LEAST_NOTE = (320, 64)
_INK = 40


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture, and what is to be known about it.

    Attributes
    ----------
    image : Image
        At full resolution.
    version : int
        EXTVER of the extension, of the first where there are several.
    low, high : float or None
        Values (counts or fluxes) between which it is drawn: the percentiles of an image, the ends
        of the axis of a spectrum.
    unit : str or None
        Of these values.
    place : str or None
        Which part of the detector is shown; None if all of it is.
    note : str or None
        Why there is nothing to be seen, one sentence; it stands in the picture too.
    """

    image: Image.Image
    version: int
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    place: str | None = None
    note: str | None = None


def fit_format(image: Image.Image) -> Image.Image:
    """Return a picture that JPEG can hold: reduced if a side is too long."""
    longest = max(image.size)
    return image if longest <= MOST_SIDE else image.reduce(-(-longest // MOST_SIDE))


def write_picture(image: Image.Image, files: PreviewFiles, filesystem: Filesystem) -> None:
    """Write a picture as JPEG, and its thumbnail."""
    for path, picture, quality in (
        (files.picture, image, QUALITY),
        (files.thumbnail, make_thumbnail(image), THUMBNAIL_QUALITY),
    ):
        with filesystem.write(path) as temporary:
            picture.save(temporary, "JPEG", quality=quality)


def make_thumbnail(image: Image.Image) -> Image.Image:
    """Make a picture small: 128 pixels at most, its aspect kept."""
    longest = max(image.size)
    width, height = (max(round(side * THUMBNAIL_SIZE / longest), 1) for side in image.size)
    if longest <= THUMBNAIL_SIZE:
        return image.copy()
    # Whole blocks of pixels first, which is as good and takes half as long.
    return image.resize((width, height), Image.Resampling.BOX, reducing_gap=2.0)


def draw_note(shape: tuple[int, ...], note: str) -> Image.Image:
    """Draw a grey picture of (rows, columns), with a sentence in it."""
    width, height = max(shape[1], _LEAST_NOTE[0]), max(shape[0], _LEAST_NOTE[1])
    image = Image.fromarray(np.full((height, width), NO_DATA, np.uint8))
    pen = ImageDraw.Draw(image)
    size = max(round(0.9 * width / max(pen.textlength(note, ImageFont.load_default(1.0)), 1)), 1)
    font = ImageFont.load_default(min(size, height // 2))
    pen.text((width / 2, height / 2), note, fill=_INK, font=font, anchor="mm")
    return image

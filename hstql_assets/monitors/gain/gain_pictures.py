"""Draw a small picture of a gain map for the user interface."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from hstql_assets.batching.pictures import FAINT, MARK, PAPER, Picture
from hstql_assets.monitors.gain.fitting.cubes import SHAPE, Y_BINNING
from hstql_assets.monitors.gain.fitting.superpixels import SuperpixelGains

GREATEST_GAIN = 16.0  # pulse height, where the colours end
SAGGED = 3.0
BLOCK = 4  # columns of superpixels in a column of the picture
HEIGHT = 120  # pixels
MARGIN = 2  # empty rows of superpixels above and below
# Dark to light, as in the maps of the page; the least gains, which matter most, are red.
_ANCHORS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
_COLOURS = 200
_SAGGED_INDEX, _EMPTY_INDEX, _FRAME_INDEX = 200, 201, 202


def draw_gain_map(key: str, gains: SuperpixelGains) -> Picture:
    """Draw the gain of the rows that have any; a pixel has the mean, red if any gain is 3 or less.

    The caption names the image, which has one gain at least.
    """
    first = max(int(gains.y.min()) - MARGIN, 0)
    last = min(int(gains.y.max()) + MARGIN, SHAPE[1] - 1)
    height = last - first + 1
    rows, columns = min(height, HEIGHT), SHAPE[2] // BLOCK
    place = (gains.y - first) * rows // height * columns + gains.x // BLOCK
    indices = _choose_colours(gains.peaks.mean, place, rows * columns)
    # The first row of an image file is at its top.
    picture = Image.fromarray(indices.reshape(rows, columns)[::-1], "P")
    picture.putpalette(_palette().tobytes())
    picture = picture.resize((columns, HEIGHT), Image.Resampling.NEAREST)
    ImageDraw.Draw(picture).rectangle((0, 0, columns - 1, HEIGHT - 1), outline=_FRAME_INDEX)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    caption = (
        f"modal gain of {key}, dark 0 to light {GREATEST_GAIN:.0f} pulse heights, "
        f"red at {SAGGED:.0f} or less; columns 0 to 16383, "
        f"rows {first * Y_BINNING} to {(last + 1) * Y_BINNING - 1} from below"
    )
    return Picture(buffer.getvalue(), caption)


def _choose_colours(
    values: NDArray[np.float64], place: NDArray[np.int64], size: int
) -> NDArray[np.uint8]:
    """Return the colour of each pixel of the picture, shape (size,)."""
    number = np.bincount(place, minlength=size)
    total = np.bincount(place, weights=values, minlength=size)
    indices = np.full(size, _EMPTY_INDEX, np.uint8)
    is_seen = number > 0
    mean = total[is_seen] / number[is_seen]
    indices[is_seen] = np.clip(mean / GREATEST_GAIN * _COLOURS, 0, _COLOURS - 1)
    indices[place[values <= SAGGED]] = _SAGGED_INDEX
    return indices


def _palette() -> NDArray[np.uint8]:
    anchors = np.array(_ANCHORS, np.float64)
    steps = np.linspace(0, len(anchors) - 1, _COLOURS)
    ramp = [np.interp(steps, np.arange(len(anchors)), channel) for channel in anchors.T]
    return np.vstack([np.stack(ramp, axis=-1), [MARK, PAPER, FAINT]]).astype(np.uint8)

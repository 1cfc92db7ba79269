"""Chart the gain on the detector: maps, and pulse-height limits along a row."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.gain.flagging import HIGHEST_ROW, IN_ROWS, LOWEST_ROW
from hstql_assets.monitors.gain.gain_images import COLUMN_PIXELS, COLUMNS, ROW_PIXELS, Floats, Mask
from hstql_assets.monitors.gain.gain_trends import GAIN_LIMIT
from hstql_assets.monitors.gain.line_maps import AHEAD_D, is_worth_a_row
from hstql_assets.monitors.gain.pulse_height_limits import HIGHEST, LOWEST, limit_pulse_heights
from hstql_assets.monitors.gain.series import Series
from hstql_assets.pages.charts import Axis, Boxes, Chart, Colour, Image, Line, Mark
from hstql_resources.times import format_date

Whole = NDArray[np.int64]

BINNED = 4  # superpixels along the dispersion that are one pixel of a map
AROUND = 6  # superpixels around what is lit
X = Axis("XCORR (pixel)", limits=(0.0, 16384.0))
Y_LABEL = "YCORR (pixel)"
GAIN_LABEL = "modal gain (pulse height)"
LIMIT_MARK = Mark(GAIN_LIMIT, f"gain {GAIN_LIMIT:g}", is_limit=True)
DAYS_PER_YEAR = 365.25


def draw_gain_map(series: Series) -> Chart:
    """Draw the latest gain of every superpixel, and the regions of those that lost it."""
    return _draw_map(
        f"gain_map_{series.name}",
        f"{series.label}: latest gain, and superpixels that lost it",
        series,
        _latest_gain(series),
        Colour(GAIN_LABEL, 0.0, 20.0),
        f"{len(series.images)} images until {format_date(series.newest_mjd)}; the lowest of "
        f"{BINNED} superpixels along x. Boxes: {len(series.flags.x)} superpixels flagged. "
        f"Dotted: the rows in which they can be.",
    )


def draw_projected_map(series: Series) -> Chart:
    """Draw in how many years the gain of each superpixel reaches the limit."""
    projected_mjd, _ = series.lines.projected
    is_drawn = is_worth_a_row(series)
    years = np.where(is_drawn, (projected_mjd - series.newest_mjd) / DAYS_PER_YEAR, np.nan)
    return _draw_map(
        f"projected_map_{series.name}",
        f"{series.label}: years from the latest image until the gain is {GAIN_LIMIT:g}",
        series,
        years,
        Colour("time until gain 3 (year)", 0.0, AHEAD_D / DAYS_PER_YEAR),
        f"{int(is_drawn.sum())} superpixels whose gain falls by at least 3 standard errors, "
        f"and is {GAIN_LIMIT:g} within 5 years; the earliest of {BINNED} along x.",
    )


def _draw_map(
    name: str, title: str, series: Series, values: Floats, colour: Colour, note: str
) -> Chart:
    """Draw values of superpixels, (512, 2048), boxes around lost ones, and the rows of spectra.

    Drawn are the rows of spectra, and all others that have a gain.
    """
    lit = np.flatnonzero(series.is_measured.any(axis=1) | IN_ROWS[:, 0])
    rows = slice(max(int(lit[0]) - AROUND, 0), int(lit[-1]) + 1 + AROUND)
    y = Axis(Y_LABEL, limits=(rows.start * ROW_PIXELS - 0.5, rows.stop * ROW_PIXELS - 0.5))
    lost = to_pixels(merge_regions(series.flags.mask))
    marks = [Mark(float(row), dash="dotted") for row in (LOWEST_ROW, HIGHEST_ROW)]
    boxes = Boxes(*lost, "gain lost", "#d7191c")
    return Chart(name, title, X, y, (_draw_lowest(values, rows), boxes, *marks), note, colour)


def draw_pulse_height_cut(series: Series) -> Chart:
    """Draw gain and pulse-height limits along the row in which most superpixels are low."""
    gain = _latest_gain(series)
    row = find_lowest_row(gain)
    low, high = limit_pulse_heights(gain[row])
    x = np.arange(COLUMNS, dtype=np.float64) * COLUMN_PIXELS + (COLUMN_PIXELS - 1) / 2.0
    is_known = np.isfinite(gain[row])
    first = row * ROW_PIXELS
    return Chart(
        name=f"pulse_height_limits_{series.segment.lower()}",
        title=f"{series.label}: latest gain and limits of pulse heights, rows {first}-{first + 1}",
        x=X,
        y=Axis("pulse height", limits=(0.0, 31.0)),
        layers=(
            Line(x, gain[row], "modal gain"),
            Line(x, np.where(is_known, low, np.nan), "lowest of photons", colour="#d95f02"),
            Line(x, np.where(is_known, high, np.nan), "highest of photons", colour="#1b9e77"),
            Mark(LOWEST, "2, lowest anywhere"),
            Mark(HIGHEST, "23, highest anywhere"),
            LIMIT_MARK,
        ),
        note="The row in which the gain of most superpixels is at the limit or next to it.",
    )


def find_lowest_row(gain: Floats) -> int:
    """Return the row of superpixels with the most gains up to 5, else that with the lowest.

    Gains, shape (512, 2048), are pulse heights, NaN where there is none.
    """
    inside = np.where(IN_ROWS, gain, np.nan)
    with np.errstate(invalid="ignore"):
        lows = (inside <= GAIN_LIMIT + 2.0).sum(axis=1)
    if lows.any():
        return int(np.argmax(lows))
    lowest = np.nanmin(np.where(np.isfinite(inside), inside, np.inf), axis=1)
    return int(np.argmin(lowest))


def _latest_gain(series: Series) -> Floats:
    return np.where(series.is_measured, series.last.gain, np.nan).astype(np.float64)


def _draw_lowest(values: Floats, rows: slice) -> Image:
    """Draw the least of each few columns; values of shape (512, 2048), NaN for none."""
    blocks = values[rows].reshape(-1, COLUMNS // BINNED, BINNED)
    lowest = np.min(np.where(np.isfinite(blocks), blocks, np.inf), axis=2)
    return Image(
        np.where(np.isfinite(lowest), lowest, np.nan),
        left=-0.5,
        right=COLUMNS * COLUMN_PIXELS - 0.5,
        bottom=rows.start * ROW_PIXELS - 0.5,
        top=rows.start * ROW_PIXELS - 0.5 + blocks.shape[0] * ROW_PIXELS,
    )


class SuperpixelRegions(NamedTuple):
    """Rectangles of superpixels, each array of shape (regions,); ends are the first beyond."""

    left: Whole
    right: Whole
    bottom: Whole
    top: Whole


def merge_regions(mask: Mask) -> SuperpixelRegions:
    """Cover all superpixels that are set, and no others, with regions that do not overlap.

    Runs along the dispersion that are the same in consecutive rows become one box. The mask is of
    shape (rows, columns).
    """
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, left = np.nonzero(edges == 1)
    _, right = np.nonzero(edges == -1)
    order = np.lexsort((row, right, left))
    row, left, right = row[order], left[order], right[order]
    is_same = (np.diff(left) == 0) & (np.diff(right) == 0) & (np.diff(row) == 1)
    first = np.flatnonzero(np.concatenate(([True], ~is_same))) if row.size else np.zeros(0, int)
    last = np.concatenate((first[1:], [row.size])) - 1 if row.size else first
    return SuperpixelRegions(left[first], right[first], row[first], row[last] + 1)


def to_pixels(regions: SuperpixelRegions) -> tuple[Floats, Floats, Floats, Floats]:
    """Return left, right, bottom, top of regions in detector pixels, whose centres are whole."""
    sizes = (COLUMN_PIXELS, COLUMN_PIXELS, ROW_PIXELS, ROW_PIXELS)
    left, right, bottom, top = (
        edge.astype(np.float64) * size - 0.5 for edge, size in zip(regions, sizes, strict=True)
    )
    return left, right, bottom, top

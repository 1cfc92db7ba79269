"""Measure the reference pixels of a ramp, read by read, and its zeroth read.

Four of the five columns on each side, without the outermost, as calwf3 does (hstcal,
wf3ir/blevcorr.c); it makes one number of them, here there is one for each amplifier as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hstql_assets.images.detectors import Detector
from hstql_assets.images.layout import Area, Layout, lay_out
from hstql_assets.images.ramps import Ramp
from hstql_assets.images.reading import ScienceImage
from hstql_assets.monitors.cameras.amplifiers import WHOLE, find_regions
from hstql_assets.monitors.cameras.overscan import measure_overscan, measure_read_noise
from hstql_assets.science.robust import Spread, measure_spread
from hstql_resources.fits.errors import NothingToMeasureError
from hstql_resources.fits.header_values import finite

UNSEEN_COLUMNS = 1  # the outermost on each side


@dataclass(frozen=True)
class Step:
    """How much a level rose since the read before, and what that says of the noise, counts.

    Attributes
    ----------
    size, error : float or None
    noise, noise_error : float or None
        Of one read of one reference pixel, from the difference of two.
    """

    size: float | None = None
    error: float | None = None
    noise: float | None = None
    noise_error: float | None = None


@dataclass(frozen=True)
class ReadLevel:
    """The reference pixels of one amplifier in one read, counts.

    Attributes
    ----------
    amplifier : str
        A to D; `all` for those of all.
    read : int
        0 is the zeroth.
    time_s : float
        Since the zeroth read.
    level : float
    level_error : float or None
        By the scatter of the rows, which is that of pixels: they differ for good.
    step : Step
        From the read before; the zeroth has none.
    pixels : int or None
        How many were used.
    image : Spread or None
        Of the pixels that see light in the zeroth read, the level taken off; None of later ones.
    """

    amplifier: str
    read: int
    time_s: float
    level: float
    level_error: float | None = None
    step: Step = Step()
    pixels: int | None = None
    image: Spread | None = None


def measure_levels(ramp: Ramp, detector: Detector) -> list[ReadLevel]:
    """Measure the reference pixels of a raw ramp: of all, and of each amplifier.

    A step is the mean of the differences of the same pixels. They differ from each other by far
    more than their noise, which is in the levels and not in the steps.

    Parameters
    ----------
    ramp : Ramp
        As it was read out [counts].
    detector : Detector
        The infrared one.

    Raises
    ------
    NothingToMeasureError
        If it has no reference pixels, or too few.
    """
    first = ramp.reads[0]
    shape = first.values.shape[0], first.values.shape[1]
    layout = lay_out(detector, shape, detector.chips[0], first.binning, first.offset)
    if not layout.physical:
        raise NothingToMeasureError("has no reference pixels around it", "No reference pixels")
    lights = _find_lights(detector, layout, first)
    found: list[ReadLevel] = []
    for amplifier, light in lights.items():
        found += _measure_amplifier(ramp, layout, amplifier, light)
    return found


def read_mean_levels(ramp: Ramp) -> list[ReadLevel]:
    """Return the levels that calibration took off each read of an ima file: MEANBLEV, counts.

    Raises
    ------
    NothingToMeasureError
        If BLEVCORR was not done.
    """
    levels = [finite(read.header.values.get("MEANBLEV")) for read in ramp.reads]
    if str(ramp.reads[0].find("BLEVCORR")).strip().upper() != "COMPLETE" or None in levels:
        raise NothingToMeasureError(
            "has no MEANBLEV in each read, or BLEVCORR was not done", "No bias level"
        )
    known = [level for level in levels if level is not None]
    steps = [Step(), *(Step(float(rise)) for rise in np.diff(known))]
    return [
        ReadLevel(WHOLE, number, time_s, level, step=step)
        for number, (time_s, level, step) in enumerate(
            zip(ramp.times_s, known, steps, strict=True)
        )
    ]  # fmt: skip


def _find_lights(detector: Detector, layout: Layout, image: ScienceImage) -> Mapping[str, Area]:
    """Return the pixels that see light by amplifier, and all of them."""
    regions = find_regions(
        detector, layout, detector.chips[0], str(image.find("CCDAMP") or ""), image.binning
    )
    return {WHOLE: layout.science[0], **{one.amplifier: one.light for one in regions}}


def _measure_amplifier(
    ramp: Ramp, layout: Layout, amplifier: str, light: Area
) -> list[ReadLevel]:  # fmt: skip
    columns = _find_columns(layout, light)
    pixels = [read.values[light.row : light.end_row, columns] for read in ramp.reads]
    found: list[ReadLevel] = []
    for number, (time_s, own) in enumerate(zip(ramp.times_s, pixels, strict=True)):
        level = measure_overscan(own)
        if level is None:
            raise NothingToMeasureError(
                f"has too few reference pixels of amplifier {amplifier}", "No reference pixels"
            )
        step = Step() if number == 0 else _measure_step(pixels[number - 1], own)
        image = _measure_image(ramp, light, level.level) if number == 0 else None
        found.append(
            ReadLevel(
                amplifier, number, time_s, level.level, level.level_error, step, level.pixels, image
            )
        )
    return found


def _find_columns(layout: Layout, light: Area) -> np.ndarray:
    """Return the reference columns beside some pixels; an outermost column that is alone stays."""
    found: list[int] = []
    for area in layout.physical:
        cut = UNSEEN_COLUMNS if area.shape[1] > UNSEEN_COLUMNS else 0
        if area.column == 0 and light.column == layout.science[0].column:
            found += range(cut, area.end_column)
        elif area.column > 0 and light.end_column == layout.science[0].end_column:
            found += range(area.column, area.end_column - cut)
    return np.array(found, dtype=np.intp)


def _measure_step(before: np.ndarray, after: np.ndarray) -> Step:
    """Measure the rise between two reads of the same pixels, shape (rows, columns), counts."""
    kind = np.int64 if after.dtype.kind in "iu" else np.float64
    rise = measure_overscan(after.astype(kind) - before.astype(kind))
    noise = measure_read_noise(after, before)
    if rise is None or noise is None:
        return Step()
    return Step(rise.level, rise.level_error, *noise)


def _measure_image(ramp: Ramp, light: Area, level: float) -> Spread | None:
    """Measure what sees light in the zeroth read, counts above the level."""
    pixels = light.cut(ramp.reads[0].values)
    spread = measure_spread(pixels[np.isfinite(pixels)])
    return spread and Spread(
        spread.number, spread.mean - level, spread.median - level, spread.sigma
    )

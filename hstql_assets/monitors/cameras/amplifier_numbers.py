"""Measure an image amplifier by amplifier: arrays in, rows out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hstql_assets.images.detectors import Detector
from hstql_assets.images.layout import lay_out
from hstql_assets.images.reading import ScienceImage
from hstql_assets.monitors.cameras.amplifiers import WHOLE, Region, find_regions
from hstql_assets.monitors.cameras.darks import PHOTON_COUNTERS, measure_dark, measure_hot_pixels
from hstql_assets.monitors.cameras.exposure import RAW, Exposure, choose_gain
from hstql_assets.monitors.cameras.flags import (
    COSMIC_RAY,
    HOT,
    SATURATED,
    WARM,
    has_flag,
    measure_share,
)
from hstql_assets.monitors.cameras.overscan import measure_overscan, measure_read_noise
from hstql_assets.science.robust import Spread, measure_spread

HIGHEST_COUNT = 65_535  # of the converters of all CCDs

Row = dict[str, object]


@dataclass(frozen=True, eq=False)
class MeasuredRegion:
    """What one amplifier read.

    Attributes
    ----------
    row : dict
        Columns of `image_statistics` that belong to the pixels.
    sample : ndarray, shape (n,)
        Some of the good pixels, for a picture.
    """

    row: Row
    sample: np.ndarray


def measure_image(
    image: ScienceImage,
    detector: Detector,
    exposure: Exposure,
    before: ScienceImage | None = None,
    gains: Mapping[str, float] | None = None,
) -> list[MeasuredRegion]:
    """Measure an image of a detector: what each amplifier read.

    Parameters
    ----------
    image, detector, exposure
        The image, which detector it is from, and what the headers say.
    before : ScienceImage, optional
        The read before it, of a raw file of the infrared detector.
    gains : mapping of str to float, optional
        Electrons per count by amplifier, where the headers of this image do not say.
    """
    chip = detector.chip_of(image.chip, image.version)
    shape = image.values.shape[0], image.values.shape[1]
    layout = lay_out(detector, shape, chip, image.binning, image.offset)
    ccd_amp = str(image.find("CCDAMP") or "")
    common = {
        "extver": image.version,
        "chip": chip,
        "binning": image.binning[0],
        "is_subarray": image.is_subarray or not layout.is_full,
    }
    measured = []
    for region in find_regions(detector, layout, chip, ccd_amp, image.binning):
        gain, source = None, None
        if region.amplifier != WHOLE:
            name = region.amplifier
            gain, source = choose_gain(image, detector.name, name, exposure, gains or {})
        found = _measure_region(image, detector, exposure, region, gain)
        overscan = _measure_overscan(image, region, exposure, gain, before)
        about = {"amplifier": region.amplifier, "gain": gain, "gain_source": source}
        row = {**about, **common, **found.row, **overscan}
        measured.append(MeasuredRegion(row, found.sample))
    return measured


def add_errors_of_levels(rows: Sequence[Row]) -> None:
    """Add to the errors of dark currents those of the bias levels that calibration subtracted.

    These are as uncertain as the levels of the raw file of the same exposure, and the same for all
    pixels of an amplifier. Without a raw file nothing is added.

    Parameters
    ----------
    rows : sequence of dict
        Of all files of an exposure; changed in place.
    """
    levels = {
        (row["extver"], row["amplifier"]): row["overscan_level_error"]
        for row in rows
        if row["filetype"] == RAW
    }
    for row in rows:
        error = row["dark_current_error"]
        parts = (levels.get((row["extver"], row["amplifier"])), row["gain"], row["dark_time_s"])
        # A ramp is free of the level: all its reads have the same.
        if isinstance(error, float) and all(parts) and not str(row["unit"]).endswith("/S"):
            level, gain, time_s = (float(str(part)) for part in parts)
            row["dark_current_error"] = float(np.hypot(error, level * gain / time_s))


def forget_raw_darks(rows: Sequence[Row]) -> None:
    """Put None for the dark current of raw files where a calibrated file has it."""
    if any(row["dark_current"] is not None for row in rows if row["filetype"] != RAW):
        for row in rows:
            if row["filetype"] == RAW:
                row["dark_current"] = row["dark_current_error"] = None


def forget_unsearched_hits(rows: Sequence[Row]) -> None:
    """Put None for the cosmic rays of a file where no pixel is flagged: nobody has looked."""
    if not any(row["cosmic_ray_fraction"] for row in rows):
        for row in rows:
            row["cosmic_ray_fraction"] = row["cosmic_ray_fraction_error"] = None


def _measure_region(
    image: ScienceImage,
    detector: Detector,
    exposure: Exposure,
    region: Region,
    gain: float | None,
) -> MeasuredRegion:
    values = region.light.cut(image.values)
    flags = None if image.flags is None else region.light.cut(image.flags)
    is_finite = np.isfinite(values) if values.dtype.kind == "f" else None
    good = _take_good(values, flags, is_finite)
    spread = measure_spread(good, has_noise=detector.name not in PHOTON_COUNTERS)
    row: Row = {
        "pixels": values.size,
        "good_pixels": good.size,
        **_spread_columns(spread),
        **_flag_columns(values, flags, exposure),
        **measure_dark(good, spread, detector, exposure, gain),
        **measure_hot_pixels(values, flags, spread, detector, exposure, gain),
    }
    return MeasuredRegion(row, good[:: max(good.size // 50_000, 1)].copy())


def _take_good(
    values: np.ndarray, flags: np.ndarray | None, is_finite: np.ndarray | None
) -> np.ndarray:
    """Return the pixels that are finite and without any flag, shape (n,)."""
    is_good = is_finite
    if flags is not None:
        is_good = flags == 0 if is_finite is None else is_finite & (flags == 0)
    return values.ravel() if is_good is None else values[is_good]


def _spread_columns(spread: Spread | None) -> Row:
    return {
        "mean": spread and spread.mean,
        "median": spread and spread.median,
        "median_error": spread and spread.median_error,
        "robust_sigma": spread and spread.sigma,
        "robust_sigma_error": spread and spread.sigma_error,
    }


def _flag_columns(values: np.ndarray, flags: np.ndarray | None, exposure: Exposure) -> Row:
    """Return the columns of flags; values and flags of shape (rows, columns), values by BUNIT."""
    hits = saturated = (None, None)
    if flags is not None:
        hits = measure_share(has_flag(flags, COSMIC_RAY))  # type: ignore[assignment]
        saturated = measure_share(has_flag(flags, SATURATED))  # type: ignore[assignment]
    if exposure.is_raw:
        saturated = measure_share(values >= HIGHEST_COUNT)  # type: ignore[assignment]
    return {
        "flagged_hot_pixels": _count_flagged(flags, HOT),
        "flagged_warm_pixels": _count_flagged(flags, WARM),
        "cosmic_ray_fraction": hits[0],
        "cosmic_ray_fraction_error": hits[1],
        "saturated_fraction": saturated[0],
    }


def _count_flagged(flags: np.ndarray | None, flag: int) -> int | None:
    """Count the pixels with a flag; flags of shape (rows, columns)."""
    return None if flags is None else int(np.count_nonzero(has_flag(flags, flag)))


def _measure_overscan(
    image: ScienceImage,
    region: Region,
    exposure: Exposure,
    gain: float | None,
    before: ScienceImage | None,
) -> Row:
    pixels, found = None, None
    if exposure.is_raw and region.overscan is not None:
        pixels = region.overscan.cut(image.values)
        found = measure_overscan(pixels)
    noise = found and (found.noise, found.noise_error)
    is_alike = before is not None and before.values.shape == image.values.shape
    if before is not None and is_alike and pixels is not None and region.overscan is not None:
        noise = measure_read_noise(pixels, region.overscan.cut(before.values))
    return {
        "overscan_pixels": found and found.pixels,
        "overscan_level": found and found.level,
        "overscan_level_error": found and found.level_error,
        "overscan_noise": found and found.noise,
        "overscan_noise_error": found and found.noise_error,
        "read_noise": noise[0] * gain if noise and gain else None,
        "read_noise_error": noise[1] * gain if noise and gain else None,
    }

"""Measure dark current and hot pixels of what one amplifier read of a DARK exposure."""

import numpy as np

from hstql_assets.images.detectors import Detector
from hstql_assets.monitors.cameras.exposure import Exposure
from hstql_assets.monitors.cameras.flags import HOT_KINDS, SATURATED, has_flag
from hstql_assets.monitors.cameras.hot_pixels import count_hot_pixels
from hstql_assets.science.robust import Spread, clip, measure_spread
from hstql_assets.science.steady_blocks import PRIOR

# Dark current from which on a pixel is hot, electrons/s. WFC: ACS Data Handbook 4.3 (since 2015;
# HRC as it was before). UVIS: 54 electrons an hour, WFC3 Data Handbook 5.3. IR: WFC3 ISR 2012-10.
HOT_THRESHOLDS = {"WFC": 0.14, "HRC": 0.08, "UVIS": 0.015, "IR": 0.4}
PHOTON_COUNTERS = ("SBC",)
CLIP = 5.0  # standard deviations: cosmic rays and hot pixels are beyond, on one side only

Columns = dict[str, object]


def measure_dark(
    good: np.ndarray,
    spread: Spread | None,
    detector: Detector,
    exposure: Exposure,
    gain: float | None,
) -> Columns:
    """Measure the dark current, as columns of `image_statistics`.

    Parameters
    ----------
    good : ndarray, shape (n,)
        The good pixels.
    spread : Spread or None
        Theirs.
    detector : Detector
    exposure : Exposure
        Nothing is measured unless the pixels hold dark current and nothing else.
    gain : float or None
        Electrons per count.
    """
    is_counted = detector.name in PHOTON_COUNTERS
    per_value = exposure.rate_per_value(1.0 if is_counted else gain)
    # What counts photons has no bias: its raw pixels hold the dark counts and nothing else.
    is_plain = exposure.is_plain_dark or (is_counted and exposure.is_raw_dark)
    if spread is None or not per_value or not is_plain:
        return {"dark_current": None, "dark_current_error": None}
    if is_counted:
        # Most pixels hold 0, so the median would be 0 too; the noise is that of the counts.
        value = spread.mean
        error = float(np.sqrt(max(spread.mean, PRIOR / spread.number) / spread.number))
    else:
        clipped = measure_spread(clip(good, spread, CLIP)) or spread
        value, error = _find_mean(clipped, exposure, per_value), clipped.median_error
    return {"dark_current": value * per_value, "dark_current_error": error * per_value}


def measure_hot_pixels(
    values: np.ndarray,
    flags: np.ndarray | None,
    spread: Spread | None,
    detector: Detector,
    exposure: Exposure,
    gain: float | None,
) -> Columns:
    """Measure how many pixels are hot, as columns of `image_statistics`.

    Parameters
    ----------
    values, flags : ndarray, shape (rows, columns)
        Pixels and their data quality.
    spread : Spread or None
        Of the good pixels.
    detector, exposure, gain
        As in `measure_dark`.
    """
    limit, found = HOT_THRESHOLDS.get(detector.name), None
    per_value = exposure.rate_per_value(gain)
    if limit and per_value and spread and exposure.is_plain_dark:
        noise = np.hypot(spread.sigma, _shot_noise(limit, exposure) / per_value)
        is_searched = _find_searched(values, flags)
        found = count_hot_pixels(
            values, is_searched, limit / per_value, spread.median, float(noise)
        )
    return {
        "hot_threshold": limit if found else None,
        "hot_pixels": found and found.number,
        "hot_pixels_error": found and found.error,
        "hot_fraction": found and found.fraction,
    }


def _find_mean(spread: Spread, exposure: Exposure, per_value: float) -> float:
    """Return the mean that belongs to a median, for the electrons of one read.

    Of m electrons with Gaussian noise the median is m / (6 sigma^2) below the mean, sigma^2 the
    whole variance: the first term of Cornish & Fisher 1938 for the skewness m / sigma^3.
    """
    if exposure.is_rate or not exposure.dark_time_s:
        return spread.median
    sigma_e = spread.sigma * per_value * exposure.dark_time_s
    return spread.median / (1 - 1 / (6 * max(sigma_e, 1.0) ** 2))


def _shot_noise(rate: float, exposure: Exposure) -> float:
    """Return the Poisson noise of a dark current, electrons/s."""
    time_s = exposure.dark_time_s or 0.0
    return float(np.sqrt(rate / time_s)) if time_s > 0 else 0.0


def _find_searched(values: np.ndarray, flags: np.ndarray | None) -> np.ndarray:
    """Return where pixels, shape (rows, columns), may be searched: saturated ones may be hot."""
    is_searched: np.ndarray = np.isfinite(values)
    if flags is not None:
        is_searched &= ~has_flag(flags, ~(HOT_KINDS | SATURATED) & 0x7FFF)
    return is_searched

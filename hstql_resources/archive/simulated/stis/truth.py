"""State what a simulated STIS exposure should show: the numbers that were put in.

Expectations only; they use the laws that the photons are drawn from, never the photons. All
counts are what arrived: those of events weighted with one over the flat fields. The box has
sharp ends, as for a sum of events; the image of lo-res pixels that an x1d is made of has up
to 0.2 % less of the source in it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from hstql_resources.archive.simulated.sky.truth import (
    Truth,
    name_observation,
    sample_flux,
    state_target,
)
from hstql_resources.archive.simulated.stis.catalogue import Exposure, Repeat
from hstql_resources.archive.simulated.stis.detector import (
    BACKGROUND_RATE,
    SERIOUS_FLAGS,
    map_flags,
)
from hstql_resources.archive.simulated.stis.instrument import COLUMNS, PIXELS, Order
from hstql_resources.archive.simulated.stis.photons import source_rates

FLUX_SAMPLES = 33
LAW_STEP_S = 0.05  # fine enough for the mean of an ingress


@dataclass(frozen=True)
class ExpectedSpectrum:
    """What arrives in the extraction box of an order in good time; arrays of shape (1024,).

    Attributes
    ----------
    wavelength_a : ndarray
        Wavelength of each lo-res column [Angstrom].
    source, background : ndarray
        Counts.
    flagged_source, flagged_background : ndarray
        Those of them that are in pixels with a serious flag, which may be left out.
    """

    wavelength_a: NDArray[np.float64]
    source: NDArray[np.float64]
    background: NDArray[np.float64]
    flagged_source: NDArray[np.float64]
    flagged_background: NDArray[np.float64]


def state_truth(exposure: Exposure) -> Truth:
    """Return what an exposure should show.

    Notes
    -----
    enclosed_fraction
        Of the source's light in an extraction box.
    background_rate_per_pixel
        Count/s per lo-res pixel.
    """
    return {
        **name_observation(exposure),
        "start_mjd": exposure.place.start_mjd,
        "exposure_time_s": sum(repeat.exposure_time_s for repeat in exposure.repeats),
        "enclosed_fraction": exposure.setting.enclosed,
        "background_rate_per_pixel": BACKGROUND_RATE,
        **state_target(exposure.target),
        "repeats": [_state_repeat(exposure, repeat) for repeat in exposure.repeats],
    }


def mean_brightness(exposure: Exposure, repeat: Repeat) -> float:
    """Return the mean of the variability over the good time of a repeat."""
    good_s = np.concatenate(
        [
            np.linspace(start, stop, round((stop - start) / LAW_STEP_S), endpoint=False)
            for start, stop in repeat.good_intervals_s
        ]
    )
    law = exposure.target.variability
    return float(law.brightness_at(repeat.start_mjd, good_s + LAW_STEP_S / 2.0).mean())


def expect_spectrum(exposure: Exposure, repeat: Repeat, order: Order) -> ExpectedSpectrum:
    """Return what should arrive in the extraction box of an order, column by column."""
    setting = exposure.setting
    time_s = repeat.exposure_time_s
    source = source_rates(exposure, order) * mean_brightness(exposure, repeat) * time_s
    background = BACKGROUND_RATE * time_s
    trace = order.trace_at(COLUMNS, exposure.shift2)
    lower, upper = trace - setting.box_rows / 2.0, trace + setting.box_rows / 2.0
    first, last = int(lower.min()), int(upper.max()) + 1
    rows = np.arange(first, last + 1)[:, np.newaxis]
    bottom, top = np.maximum(rows - 0.5, lower), np.minimum(rows + 0.5, upper)
    flags = map_flags(setting.opt_elem)[first - 1 : last]
    flagged = (flags & SERIOUS_FLAGS != 0) & (top > bottom)
    light = ndtr((top - trace) / setting.sigma) - ndtr((bottom - trace) / setting.sigma)
    return ExpectedSpectrum(
        wavelength_a=order.wavelength_at(COLUMNS, exposure.shift1),
        source=source * setting.enclosed,
        background=np.full(PIXELS, background * setting.box_rows),
        flagged_source=source * np.where(flagged, light, 0.0).sum(axis=0),
        flagged_background=background * np.where(flagged, top - bottom, 0.0).sum(axis=0),
    )


def _state_repeat(exposure: Exposure, repeat: Repeat) -> Truth:
    """Return what was put into one repeat.

    Notes
    -----
    good_intervals_s
        Start and stop of each stretch of good time [s since its start].
    mean_brightness
        Mean of the variability over the good time; the spectrum is that of brightness 1.
    source_counts, background_counts, gross_counts, flagged_counts
        Sums over its orders.
    """
    orders = [_state_order(exposure, repeat, order) for order in exposure.setting.orders]
    counts = ("source_counts", "background_counts", "gross_counts", "flagged_counts")
    return {
        "extver": repeat.number,
        "start_mjd": repeat.start_mjd,
        "exposure_time_s": repeat.exposure_time_s,
        "good_intervals_s": repeat.good_intervals_s,
        "mean_brightness": mean_brightness(exposure, repeat),
        **{name: sum(order[name] for order in orders) for name in counts},
        "orders": orders,
    }


def _state_order(exposure: Exposure, repeat: Repeat, order: Order) -> Truth:
    """Return what the extraction box of one order should have, in good time.

    Notes
    -----
    source_counts, background_counts, gross_counts
        Expected counts of all columns.
    flagged_counts
        Those of the gross that are in pixels with a serious flag.
    wavelength_a, flux
        Samples of the flux density [erg/s/cm2/Angstrom], mean over the good time.
    """
    expected = expect_spectrum(exposure, repeat, order)
    source, background = float(expected.source.sum()), float(expected.background.sum())
    wavelength_a = order.wavelength_at(np.linspace(1.0, PIXELS, FLUX_SAMPLES), exposure.shift1)
    brightness = mean_brightness(exposure, repeat)
    return {
        "order": order.number,
        "source_counts": source,
        "background_counts": background,
        "gross_counts": source + background,
        "flagged_counts": float((expected.flagged_source + expected.flagged_background).sum()),
        **sample_flux(exposure.target.spectrum, wavelength_a, brightness),
    }

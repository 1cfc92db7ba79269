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

from hstql_resources.archive.simulated.sky.spectrum import Spectrum
from hstql_resources.archive.simulated.sky.truth import Truth, sample_flux
from hstql_resources.archive.simulated.sky.variability import Variability
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


@dataclass(frozen=True)
class OrderTruth:
    """What the extraction box of one order should have, in good time.

    Attributes
    ----------
    source_counts, background_counts, gross_counts : float
        Expected counts of all columns.
    flagged_counts : float
        Those of the gross that are in pixels with a serious flag.
    wavelength_a, flux : list of float
        Samples of the flux density [erg/s/cm2/Angstrom], mean over the good time.
    """

    order: int
    source_counts: float
    background_counts: float
    gross_counts: float
    flagged_counts: float
    wavelength_a: list[float]
    flux: list[float]


@dataclass(frozen=True)
class RepeatTruth:
    """What was put into one repeat.

    Attributes
    ----------
    good_intervals_s : tuple
        Start and stop of each stretch of good time [s since its start].
    mean_brightness : float
        Mean of the variability over the good time; the spectrum is that of brightness 1.
    source_counts, background_counts, gross_counts, flagged_counts : float
        Sums over its orders.
    """

    extver: int
    start_mjd: float
    exposure_time_s: float
    good_intervals_s: tuple[tuple[float, float], ...]
    mean_brightness: float
    source_counts: float
    background_counts: float
    gross_counts: float
    flagged_counts: float
    orders: list[OrderTruth]


@dataclass(frozen=True)
class ExposureTruth(Truth):
    """What was put into one exposure.

    Attributes
    ----------
    enclosed_fraction : float
        Of the source's light in an extraction box.
    background_rate_per_pixel : float
        Count/s per lo-res pixel.
    """

    start_mjd: float
    exposure_time_s: float
    enclosed_fraction: float
    background_rate_per_pixel: float
    variability: Variability
    spectrum: Spectrum
    repeats: list[RepeatTruth]


def state_truth(exposure: Exposure) -> ExposureTruth:
    """Return what an exposure should show."""
    return ExposureTruth(
        rootname=exposure.rootname,
        target=exposure.target.name,
        seed=exposure.seed,
        start_mjd=exposure.place.start_mjd,
        exposure_time_s=sum(repeat.exposure_time_s for repeat in exposure.repeats),
        enclosed_fraction=exposure.setting.enclosed,
        background_rate_per_pixel=BACKGROUND_RATE,
        variability=exposure.target.variability,
        spectrum=exposure.target.spectrum,
        repeats=[_state_repeat(exposure, repeat) for repeat in exposure.repeats],
    )


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


def _state_repeat(exposure: Exposure, repeat: Repeat) -> RepeatTruth:
    brightness = mean_brightness(exposure, repeat)
    orders = [_state_order(exposure, repeat, order) for order in exposure.setting.orders]
    return RepeatTruth(
        extver=repeat.number,
        start_mjd=repeat.start_mjd,
        exposure_time_s=repeat.exposure_time_s,
        good_intervals_s=repeat.good_intervals_s,
        mean_brightness=brightness,
        source_counts=sum(order.source_counts for order in orders),
        background_counts=sum(order.background_counts for order in orders),
        gross_counts=sum(order.gross_counts for order in orders),
        flagged_counts=sum(order.flagged_counts for order in orders),
        orders=orders,
    )


def _state_order(exposure: Exposure, repeat: Repeat, order: Order) -> OrderTruth:
    expected = expect_spectrum(exposure, repeat, order)
    source, background = float(expected.source.sum()), float(expected.background.sum())
    wavelength_a = order.wavelength_at(np.linspace(1.0, PIXELS, FLUX_SAMPLES), exposure.shift1)
    brightness = mean_brightness(exposure, repeat)
    return OrderTruth(
        order=order.number,
        source_counts=source,
        background_counts=background,
        gross_counts=source + background,
        flagged_counts=float((expected.flagged_source + expected.flagged_background).sum()),
        **sample_flux(exposure.target.spectrum, wavelength_a, brightness),
    )

"""Draw photons on their way to the simulated detector: source, airglow, background.

When and where they arrive. What the detector and CalCOS make of them is in `events`.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.instrument import BURST, TICK_S, Readout, Stripe
from hstql_resources.archive.simulated.sky.photons import draw_times, pick_columns
from hstql_resources.archive.simulated.sky.spectrum import AIRGLOW_LINES, AirglowLine, Spectrum

AIRGLOW_HALF_WIDTH = 55.0  # columns: the image of the 2.5 arcsec aperture
AIRGLOW_SIGMA_FACTOR = 1.5  # the aperture is wider than a star across the dispersion, too
BURST_FACTOR = 20.0  # background in a burst over background outside


@dataclass(frozen=True)
class Photons:
    """Where and when photons arrive, before the detector has its say.

    Attributes
    ----------
    time_s, x, y : ndarray, shape (n,)
        Seconds since the start; column and row in the frame of XFULL, YFULL [pixel].
    accepted : float
        The chance that one of them has a good pulse height.
    """

    time_s: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    accepted: float


def draw_photons(rng: np.random.Generator, exposure: Exposure, readout: Readout) -> list[Photons]:
    """Return the photons that reach a readout, one group for each origin."""
    groups = [_draw_source(rng, exposure, readout, stripe) for stripe in readout.stripes]
    groups += [
        _draw_airglow(rng, exposure, readout, stripe, line)
        for stripe in readout.stripes
        for line in seen_airglow(exposure, readout, stripe)
    ]
    return [*groups, _draw_background(rng, exposure, readout)]


def source_rates(exposure: Exposure, readout: Readout, stripe: Stripe) -> NDArray[np.float64]:
    """Return the accepted source count/s at brightness 1, shape (active columns,)."""
    return _find_rates(exposure.target.spectrum, readout, stripe)


@lru_cache(32)
def _find_rates(spectrum: Spectrum, readout: Readout, stripe: Stripe) -> NDArray[np.float64]:
    """Find them once for all exposures of a target, and for its events as for their truth."""
    first, last = readout.active[:2]
    wavelength_a = stripe.wavelength_at(np.arange(first, last + 1, dtype=np.float64))
    rates: NDArray[np.float64] = spectrum.flux_at(wavelength_a)
    rates *= stripe.sensitivity_at(wavelength_a)
    rates.flags.writeable = False
    return rates


def airglow_rate_at(
    exposure: Exposure, line: AirglowLine, time_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the accepted count/s of an airglow line at times [s since the start], shape (n,)."""
    is_day = exposure.orbit.sun_altitude_at(time_s) > 0.0
    return np.where(is_day, line.day_rate, line.night_rate)


def seen_airglow(exposure: Exposure, readout: Readout, stripe: Stripe) -> list[AirglowLine]:
    """Return the airglow lines on the active part of a spectrum; none on the NUV detector."""
    if exposure.configuration.detector == "NUV":
        return []
    first, last = stripe.wavelength_at(np.array(readout.active[:2], dtype=np.float64))
    margin_a = AIRGLOW_HALF_WIDTH * stripe.dispersion_a
    return [
        line for line in AIRGLOW_LINES if first + margin_a < line.wavelength_a < last - margin_a
    ]


def _draw_source(
    rng: np.random.Generator, exposure: Exposure, readout: Readout, stripe: Stripe
) -> Photons:
    rates = source_rates(exposure, readout, stripe)
    law = exposure.target.variability
    accepted = exposure.configuration.photons_accepted
    maximum_rate = rates.sum() / accepted * law.maximum
    time_s = draw_times(rng, maximum_rate, exposure.duration_s)
    brightness = law.brightness_at(exposure.place.start_mjd, time_s)
    time_s = time_s[rng.random(time_s.size) * law.maximum < brightness]
    x = (
        readout.active[0]
        + pick_columns(rng, rates, time_s.size)
        + rng.uniform(-0.5, 0.5, time_s.size)
    )
    return Photons(time_s, x, _draw_rows(rng, readout, stripe, x, stripe.sigma), accepted)


def _draw_airglow(
    rng: np.random.Generator,
    exposure: Exposure,
    readout: Readout,
    stripe: Stripe,
    line: AirglowLine,
) -> Photons:
    accepted = exposure.configuration.photons_accepted
    time_s = draw_times(rng, line.day_rate / accepted, exposure.duration_s)
    rate = airglow_rate_at(exposure, line, time_s)
    time_s = time_s[rng.random(time_s.size) * line.day_rate < rate]
    middle = (line.wavelength_a - stripe.wavelength_a) / stripe.dispersion_a
    x = middle + rng.uniform(-AIRGLOW_HALF_WIDTH, AIRGLOW_HALF_WIDTH, time_s.size)
    sigma = stripe.sigma * AIRGLOW_SIGMA_FACTOR
    return Photons(time_s, x, _draw_rows(rng, readout, stripe, x, sigma), accepted)


def _draw_background(rng: np.random.Generator, exposure: Exposure, readout: Readout) -> Photons:
    rate = readout.background_rate * readout.active_pixels
    time_s = draw_times(rng, rate, exposure.duration_s)
    gap = exposure.gap
    if gap is not None and gap.flag == BURST:
        interval_s = gap.stop_tick * TICK_S, gap.start_tick * TICK_S
        time_s = np.concatenate([time_s, draw_times(rng, rate * BURST_FACTOR, *interval_s)])
    x, y = readout.spread(rng, time_s.size)
    return Photons(time_s, x, y, exposure.configuration.background_accepted)


def _draw_rows(
    rng: np.random.Generator,
    readout: Readout,
    stripe: Stripe,
    x: NDArray[np.float64],
    sigma: float,
) -> NDArray[np.float64]:
    """Return rows around the trace at columns x, shape (events,); all, and sigma, in pixels."""
    return stripe.row + stripe.slope * (x - readout.middle) + sigma * rng.standard_normal(x.size)

"""State what a simulated exposure should show: the numbers that were put in.

Expectations only; they use the laws that the photons are drawn from, never the photons.
"""

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.instrument import TICK_S, Algorithm, Readout, Stripe
from hstql_resources.archive.simulated.cos.photons import (
    AIRGLOW_SIGMA_FACTOR,
    airglow_rate_at,
    seen_airglow,
    source_rates,
)
from hstql_resources.archive.simulated.cos.zones import enclosed_fraction, trace_source
from hstql_resources.archive.simulated.sky.truth import (
    Truth,
    name_observation,
    sample_flux,
    state_target,
)

FLUX_SAMPLES = 50


def state_truth(exposure: Exposure) -> Truth:
    """Return what an exposure should show.

    Notes
    -----
    good_intervals_s
        Start and stop of each stretch of good time [s since the start].
    mean_brightness
        Mean of the variability over the good time; the spectrum is that of brightness 1.
    segments
        What each row of the x1d should show.
    """
    good_s = _good_times(exposure)
    law = exposure.target.variability
    brightness = float(law.brightness_at(exposure.place.start_mjd, good_s).mean())
    return {
        **name_observation(exposure),
        "start_mjd": exposure.place.start_mjd,
        "exposure_time_s": exposure.exposure_time_s,
        "good_intervals_s": exposure.good_intervals_s,
        "mean_brightness": brightness,
        **state_target(exposure.target),
        "segments": {
            stripe.segment: _state_segment(exposure, readout, stripe, good_s, brightness)
            for readout in exposure.configuration.readouts
            for stripe in readout.stripes
        },
    }


def _good_times(exposure: Exposure) -> NDArray[np.float64]:
    tick = np.arange(exposure.ticks)
    if exposure.gap is not None:
        tick = tick[(tick < exposure.gap.start_tick) | (tick >= exposure.gap.stop_tick)]
    return (tick.astype(np.float64) + 0.5) * TICK_S


def _state_segment(
    exposure: Exposure,
    readout: Readout,
    stripe: Stripe,
    good_s: NDArray[np.float64],
    brightness: float,
) -> Truth:
    """Return what is expected of a stripe; `good_s`: samples of good time [s], shape (n,).

    Notes
    -----
    source_rate, airglow_rate
        Accepted count/s in all rows, means over the good time.
    background_rate_per_pixel
        Event/s per pixel, whatever their pulse height.
    source_counts, airglow_counts, background_counts, gross_counts
        Expected accepted events in the source zone in good time, all columns: the x1d's
        GCOUNTS has this sum within its Poisson error.
    wavelength_a, flux
        Samples of the flux density [erg/s/cm2/Angstrom], mean over the good time.
    """
    time_s = exposure.exposure_time_s
    active = readout.active_elements
    algorithm = exposure.configuration.algorithm
    zone = trace_source(readout, stripe, algorithm)
    rates = source_rates(exposure, readout, stripe) * brightness
    enclosed = enclosed_fraction(readout, stripe, algorithm)[active]
    airglow = {
        line.wavelength_a: float(airglow_rate_at(exposure, line, good_s).mean())
        for line in seen_airglow(exposure, readout, stripe)
    }
    source = float((rates * enclosed).sum()) * time_s
    glow = _airglow_in_zone(readout, stripe, algorithm, airglow) * time_s
    rows = float(zone.height[active].sum())
    background = (
        rows * readout.background_rate * time_s * exposure.configuration.background_accepted
    )
    wavelength_a = stripe.wavelength_at(np.linspace(*readout.active[:2], FLUX_SAMPLES))
    return {
        "source_rate": float(rates.sum()),
        "airglow_rate": sum(airglow.values()),
        "background_rate_per_pixel": readout.background_rate,
        "source_counts": source,
        "airglow_counts": glow,
        "background_counts": background,
        "gross_counts": source + glow + background,
        **sample_flux(exposure.target.spectrum, wavelength_a, brightness),
    }


def _airglow_in_zone(
    readout: Readout, stripe: Stripe, algorithm: Algorithm, rates: dict[float, float]
) -> float:
    # The limits hardly change over the 110 columns of a line: its middle stands for them.
    enclosed = enclosed_fraction(readout, stripe, algorithm, AIRGLOW_SIGMA_FACTOR)
    middles = {
        wavelength_a: round((wavelength_a - stripe.wavelength_a) / stripe.dispersion_a)
        for wavelength_a in rates
    }
    return sum(
        rate * float(enclosed[middles[wavelength_a] + readout.column_offset])
        for wavelength_a, rate in rates.items()
    )

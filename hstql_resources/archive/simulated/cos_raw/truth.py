"""State what a raw exposure should show once it is calibrated: the numbers that were put in."""

import numpy as np

from hstql_resources.archive.simulated.cos.instrument import TICK_S, Readout, Stripe
from hstql_resources.archive.simulated.cos.photons import source_rates
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure
from hstql_resources.archive.simulated.cos_raw.instrument import lamp_lines
from hstql_resources.archive.simulated.sky.orbit import RADIAL_SPEED_KM_S
from hstql_resources.archive.simulated.sky.truth import (
    Truth,
    name_observation,
    sample_flux,
    state_target,
)

FLUX_SAMPLES = 50


def state_raw_truth(exposure: RawExposure) -> Truth:
    """Return what an exposure should show.

    Notes
    -----
    shift1, shift2
        Offset of the spectra along and across the dispersion [pixel].
    radial_speed_km_s
        The largest orbital speed along the line of sight [km/s].
    good_intervals_s, bad_interval_s, flashes_s
        Start and stop [s since the start].
    mean_brightness
        Mean of the variability over the good time; the spectrum is that of brightness 1.
    segments
        What each row of the x1d should show.
    """
    brightness = _mean_brightness(exposure)
    names = ("duration_s", "exposure_time_s", "shift1", "shift2")
    return {
        **name_observation(exposure),
        "start_mjd": exposure.place.start_mjd,
        **{name: getattr(exposure, name) for name in names},
        "radial_speed_km_s": RADIAL_SPEED_KM_S,
        "good_intervals_s": exposure.good_intervals_s,
        "bad_interval_s": exposure.bad_interval_s,
        "flashes_s": exposure.flashes_s,
        "mean_brightness": brightness,
        **state_target(exposure.target),
        "segments": {
            stripe.segment: _state_segment(exposure, readout, stripe, brightness)
            for readout in exposure.configuration.readouts
            for stripe in readout.stripes
        },
    }


def _mean_brightness(exposure: RawExposure) -> float:
    time_s = np.concatenate(
        [np.arange(start, stop, TICK_S) for start, stop in exposure.good_intervals_s]
    )
    law = exposure.target.variability
    return float(law.brightness_at(exposure.place.start_mjd, time_s).mean())


def _state_segment(
    exposure: RawExposure, readout: Readout, stripe: Stripe, brightness: float
) -> Truth:
    """Return what one spectrum should show.

    Notes
    -----
    source_counts
        Expected events of the star in good time with a good pulse height, in all rows.
    background_rate_per_pixel
        Event/s per pixel, whatever their pulse height.
    lamp_lines
        Column [pixel] and relative strength of each line, without the shift.
    wavelength_a, flux
        Samples of the flux density [erg/s/cm2/Angstrom], mean over the good time.
    """
    rates = source_rates(exposure, readout, stripe) * brightness
    wavelength_a = stripe.wavelength_at(np.linspace(*readout.active[:2], FLUX_SAMPLES))
    return {
        "source_counts": float(rates.sum()) * exposure.exposure_time_s,
        "background_rate_per_pixel": readout.background_rate,
        "lamp_lines": lamp_lines(exposure.place.detector, stripe),
        **sample_flux(exposure.target.spectrum, wavelength_a, brightness),
    }

"""State what a raw exposure should show once it is calibrated: the numbers that were put in."""

from dataclasses import dataclass

import numpy as np

from hstql_resources.archive.simulated.cos.instrument import TICK_S, Readout, Stripe
from hstql_resources.archive.simulated.cos.photons import source_rates
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure
from hstql_resources.archive.simulated.cos_raw.instrument import lamp_lines
from hstql_resources.archive.simulated.sky.orbit import RADIAL_SPEED_KM_S
from hstql_resources.archive.simulated.sky.spectrum import Spectrum
from hstql_resources.archive.simulated.sky.truth import Truth, sample_flux
from hstql_resources.archive.simulated.sky.variability import Variability

FLUX_SAMPLES = 50


@dataclass(frozen=True)
class RawSegmentTruth:
    """What one spectrum should show.

    Attributes
    ----------
    source_counts : float
        Expected events of the star in good time with a good pulse height, in all rows.
    background_rate_per_pixel : float
        Event/s per pixel, whatever their pulse height.
    lamp_lines : tuple
        Column [pixel] and relative strength of each line, without the shift.
    wavelength_a, flux : list of float
        Samples of the flux density [erg/s/cm2/Angstrom], mean over the good time.
    """

    source_counts: float
    background_rate_per_pixel: float
    lamp_lines: tuple[tuple[float, float], ...]
    wavelength_a: list[float]
    flux: list[float]


@dataclass(frozen=True)
class RawTruth(Truth):
    """What was put into one exposure.

    Attributes
    ----------
    shift1, shift2 : float
        Offset of the spectra along and across the dispersion [pixel].
    radial_speed_km_s : float
        The largest orbital speed along the line of sight [km/s].
    good_intervals_s, bad_interval_s, flashes_s : tuple
        Start and stop [s since the start].
    mean_brightness : float
        Mean of the variability over the good time; the spectrum is that of brightness 1.
    segments : dict
        One `RawSegmentTruth` for each row of the x1d.
    """

    start_mjd: float
    duration_s: float
    exposure_time_s: float
    shift1: float
    shift2: float
    radial_speed_km_s: float
    good_intervals_s: tuple[tuple[float, float], ...]
    bad_interval_s: tuple[float, float]
    flashes_s: tuple[tuple[float, float], ...]
    mean_brightness: float
    variability: Variability
    spectrum: Spectrum
    segments: dict[str, RawSegmentTruth]


def state_raw_truth(exposure: RawExposure) -> RawTruth:
    """Return what an exposure should show."""
    brightness = _mean_brightness(exposure)
    return RawTruth(
        rootname=exposure.rootname,
        target=exposure.target.name,
        seed=exposure.seed,
        start_mjd=exposure.place.start_mjd,
        duration_s=exposure.duration_s,
        exposure_time_s=exposure.exposure_time_s,
        shift1=exposure.shift1,
        shift2=exposure.shift2,
        radial_speed_km_s=RADIAL_SPEED_KM_S,
        good_intervals_s=exposure.good_intervals_s,
        bad_interval_s=exposure.bad_interval_s,
        flashes_s=exposure.flashes_s,
        mean_brightness=brightness,
        variability=exposure.target.variability,
        spectrum=exposure.target.spectrum,
        segments={
            stripe.segment: _state_segment(exposure, readout, stripe, brightness)
            for readout in exposure.configuration.readouts
            for stripe in readout.stripes
        },
    )


def _mean_brightness(exposure: RawExposure) -> float:
    time_s = np.concatenate(
        [np.arange(start, stop, TICK_S) for start, stop in exposure.good_intervals_s]
    )
    law = exposure.target.variability
    return float(law.brightness_at(exposure.place.start_mjd, time_s).mean())


def _state_segment(
    exposure: RawExposure, readout: Readout, stripe: Stripe, brightness: float
) -> RawSegmentTruth:
    rates = source_rates(exposure, readout, stripe) * brightness
    wavelength_a = stripe.wavelength_at(np.linspace(*readout.active[:2], FLUX_SAMPLES))
    return RawSegmentTruth(
        source_counts=float(rates.sum()) * exposure.exposure_time_s,
        background_rate_per_pixel=readout.background_rate,
        lamp_lines=lamp_lines(exposure.place.detector, stripe),
        **sample_flux(exposure.target.spectrum, wavelength_a, brightness),
    )

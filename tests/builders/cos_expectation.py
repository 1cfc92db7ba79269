"""What a lightcurve of a simulated COS exposure should show, column by column."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from astropy.io import fits

from builders.simulated_truth import Case, Expected, fetched, is_outside_airglow, spread_in_time
from hstql_assets.lightcurves.lightcurve import make_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.cos.catalogue import Exposure, locate, make_exposure
from hstql_resources.archive.simulated.cos.instrument import TICK_S, Readout, Stripe
from hstql_resources.archive.simulated.cos.photons import (
    AIRGLOW_HALF_WIDTH,
    AIRGLOW_SIGMA_FACTOR,
    airglow_rate_at,
    seen_airglow,
    source_rates,
)
from hstql_resources.archive.simulated.cos.products import Simulation, make_corrtag, make_x1d
from hstql_resources.archive.simulated.cos.zones import enclosed_fraction, trace_source

LIMITS_A = {"FUV": (915.0, 1800.0), "NUV": (915.0, 3200.0)}
OBSERVATIONS = 12  # each setting with each target


def run(seed: int, index: int, folder: Path, *, exclude_airglow: bool = True) -> Case:
    """Fetch an exposure, make its lightcurve, and leave no file."""
    exposure = make_exposure(seed, locate(index))
    archive = SimulatedArchive(OBSERVATIONS, seed)
    endings = ("corrtag.fits", "corrtag_a.fits", "corrtag_b.fits", "x1d.fits")
    with fetched(archive, exposure.rootname, endings, folder):
        return make_case(exposure, folder, exclude_airglow=exclude_airglow)


def make_case(exposure: Exposure, folder: Path, *, exclude_airglow: bool = True) -> Case:
    """Make the lightcurve of the files of an exposure."""
    x1d = folder / f"{exposure.rootname}_x1d.fits"
    lightcurve = make_lightcurve(
        sorted(folder.glob(f"{exposure.rootname}_corrtag*")),
        x1d,
        ExtractionSettings(exclude_airglow=exclude_airglow),
    )
    bins = len(lightcurve.bins.gross)
    expected = expect(exposure, x1d, bins, exclude_airglow=exclude_airglow)
    return Case(lightcurve, expected, exposure.target.variability)


def expect(exposure: Exposure, x1d: Path, bins: int, *, exclude_airglow: bool) -> Expected:
    """Return what the columns show that the x1d calls good and the settings keep.

    A bin has 62 or 63 ticks of the clock.
    """
    source = airglow = background = 0.0
    fluxes = []
    rows = {row["SEGMENT"]: row for row in fits.getdata(x1d)}
    for readout in exposure.configuration.readouts:
        for stripe in readout.stripes:
            wavelength_a = rows[stripe.segment]["WAVELENGTH"].astype(float)
            low, high = LIMITS_A[exposure.configuration.detector]
            used = (wavelength_a >= low) & (wavelength_a <= high)
            used &= rows[stripe.segment]["DQ_WGT"] > 0
            if exclude_airglow:
                used &= is_outside_airglow(wavelength_a)
            source += expect_source(exposure, readout, stripe)[used].sum()
            airglow += expect_airglow(exposure, readout, stripe)[used].sum()
            background += expect_background(exposure, readout, stripe)[used].sum()
            fluxes.append(exposure.target.spectrum.flux_at(wavelength_a[used]))
    good_s = good_ticks(exposure) * TICK_S
    law = exposure.target.variability
    brightness = law.brightness_at(exposure.place.start_mjd, good_s + TICK_S / 2)
    lit_s, live_s = spread_in_time(good_s, brightness, TICK_S, bins)
    return Expected(
        source=source * lit_s,
        airglow=airglow * live_s,  # by day and by night alike: most of it is left out
        background=background * live_s,
        flux=float(np.concatenate(fluxes).mean() * brightness.mean()),
        exposure_s=exposure.exposure_time_s,
    )


def good_ticks(exposure: Exposure) -> np.ndarray:
    """All ticks in good time."""
    tick, gap = np.arange(exposure.ticks), exposure.gap
    return tick if gap is None else tick[(tick < gap.start_tick) | (tick >= gap.stop_tick)]


def expect_source(exposure: Exposure, readout: Readout, stripe: Stripe) -> np.ndarray:
    """Source count/s in the source rows of each column at brightness 1."""
    rates = np.zeros(readout.table_columns.size)
    rates[_is_active(readout)] = source_rates(exposure, readout, stripe)
    return rates * enclosed_fraction(readout, stripe, exposure.configuration.algorithm)


def expect_background(exposure: Exposure, readout: Readout, stripe: Stripe) -> np.ndarray:
    """Detector background in the source rows of each column, count/s."""
    zone = trace_source(readout, stripe, exposure.configuration.algorithm)
    accepted = readout.background_rate * exposure.configuration.background_accepted
    return np.where(_is_active(readout), zone.height * accepted, 0.0)


def expect_airglow(exposure: Exposure, readout: Readout, stripe: Stripe) -> np.ndarray:
    """Airglow in the source rows of each column, mean count/s over the good time."""
    algorithm = exposure.configuration.algorithm
    enclosed = enclosed_fraction(readout, stripe, algorithm, AIRGLOW_SIGMA_FACTOR)
    good_s = (good_ticks(exposure) + 0.5) * TICK_S
    column = readout.table_columns
    rates = np.zeros(column.size)
    for line in seen_airglow(exposure, readout, stripe):
        middle = (line.wavelength_a - stripe.wavelength_a) / stripe.dispersion_a
        left, right = middle - AIRGLOW_HALF_WIDTH, middle + AIRGLOW_HALF_WIDTH
        inside = np.minimum(column + 0.5, right) - np.maximum(column - 0.5, left)
        rate = airglow_rate_at(exposure, line, good_s).mean() / (right - left)
        rates += np.clip(inside, 0.0, 1.0) * rate * enclosed
    return rates


def brighten(exposure: Exposure, factor: float) -> Exposure:
    """Return the exposure of a target with so many times the flux."""
    spectrum = exposure.target.spectrum
    brighter = replace(spectrum, flux_1300=factor * spectrum.flux_1300)
    return replace(exposure, target=replace(exposure.target, spectrum=brighter))


def write_files(exposure: Exposure, folder: Path) -> None:
    """Write the corrtags and the x1d of an exposure that is in no archive."""
    simulation = Simulation(exposure)
    for readout in exposure.configuration.readouts:
        name = f"{exposure.rootname}_corrtag{readout.suffix}.fits"
        (folder / name).write_bytes(make_corrtag(simulation, readout, name))
    name = f"{exposure.rootname}_x1d.fits"
    (folder / name).write_bytes(make_x1d(simulation, name))


def _is_active(readout: Readout) -> np.ndarray:
    first, last = readout.active[:2]
    return (readout.table_columns >= first) & (readout.table_columns <= last)

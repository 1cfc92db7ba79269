"""What a lightcurve of a simulated STIS exposure should show, column by column.

Flat fields take photons away, and one event is one count: they are in the expected counts. That
from pixel to pixel averages out along a spectrum, the other one is smooth.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from astropy.io import fits

from builders.simulated_truth import Case, Expected, fetched, is_outside_airglow, spread_in_time
from hstql_assets.lightcurves.lightcurve import make_lightcurve
from hstql_assets.science.airglow import find_airglow
from hstql_assets.stis_events.making import make_corrtag
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.stis.catalogue import Exposure, Repeat, locate, make_exposure
from hstql_resources.archive.simulated.stis.detector import SERIOUS_FLAGS, low_order_flat
from hstql_resources.archive.simulated.stis.instrument import COLUMNS, PIXELS
from hstql_resources.archive.simulated.stis.products import Simulation, make_tag, make_x1d
from hstql_resources.archive.simulated.stis.references import REFERENCES
from hstql_resources.archive.simulated.stis.truth import expect_spectrum, mean_brightness

OBSERVATIONS = 21  # seven of them of STIS, the last with two repeats
LAW_STEP_S = 0.005


def fetch_references(folder: Path) -> None:
    """Have the reference files in the folder."""
    for name in REFERENCES:
        assert SimulatedArchive(OBSERVATIONS).fetch_reference(name, folder)


def run(seed: int, index: int, folder: Path) -> Case:
    """Fetch an exposure, make its corrtag and lightcurve, and leave no file of them."""
    exposure = make_exposure(seed, locate(index))
    archive = SimulatedArchive(OBSERVATIONS, seed)
    with fetched(archive, exposure.rootname, ("tag.fits", "x1d.fits"), folder):
        return make_case(exposure, folder)


def make_case(exposure: Exposure, folder: Path) -> Case:
    """Make the lightcurve of the tag and x1d of an exposure."""
    tag, x1d, corrtag = (
        folder / f"{exposure.rootname}_{kind}.fits" for kind in ("tag", "x1d", "corrtag")
    )
    make_corrtag(tag, x1d, lambda name: folder / name.rpartition("$")[2], corrtag)
    lightcurve = make_lightcurve([corrtag], x1d)
    assert lightcurve.missing_references == ()
    expected = expect(exposure, x1d, len(lightcurve.bins.gross))
    return Case(lightcurve, expected, exposure.target.variability)


def expect(exposure: Exposure, x1d: Path, bins: int) -> Expected:
    """Return what the columns show that the x1d calls good and the settings keep."""
    used, wavelength_a = read_used(x1d)
    source, background = np.zeros((2, bins))
    lit_s = 0.0
    for repeat in exposure.repeats:
        spectra = [expect_spectrum(exposure, repeat, each) for each in exposure.setting.orders]
        flats = [_flat_along(exposure, number) for number in range(len(spectra))]
        repeat_lit_s, live_s = _spread(exposure, repeat, bins)
        for spectrum, flat, columns in zip(spectra, flats, used, strict=True):
            counts = (spectrum.source * flat)[columns].sum()
            source += counts * repeat_lit_s / repeat_lit_s.sum()
            background += (spectrum.background * flat)[columns].sum() * live_s / live_s.sum()
        lit_s += mean_brightness(exposure, repeat) * repeat.exposure_time_s
    exposure_s = sum(repeat.exposure_time_s for repeat in exposure.repeats)
    flux = exposure.target.spectrum.flux_at(wavelength_a[used]).mean()
    nothing = np.zeros(bins)  # no airglow is simulated
    return Expected(source, nothing, background, float(flux) * lit_s / exposure_s, exposure_s)


def brighten(exposure: Exposure, factor: float) -> Exposure:
    """Return the exposure of a target with so many times the flux."""
    spectrum = exposure.target.spectrum
    brighter = replace(spectrum, flux_1300=factor * spectrum.flux_1300)
    return replace(exposure, target=replace(exposure.target, spectrum=brighter))


def write_files(exposure: Exposure, folder: Path) -> None:
    """Write the tag and the x1d of an exposure that is in no archive."""
    simulation = Simulation(exposure)
    for kind, make in (("tag", make_tag), ("x1d", make_x1d)):
        name = f"{exposure.rootname}_{kind}.fits"
        (folder / name).write_bytes(make(simulation, name))


def read_used(x1d: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the used columns and the wavelengths [Angstrom], shape (orders, 1024)."""
    with fits.open(x1d) as hdus:
        tables = [hdu.data for hdu in hdus[1:]]
        wavelength_a = np.array(tables[0]["WAVELENGTH"], dtype=float)
        good = [table["DQ"] & SERIOUS_FLAGS == 0 for table in tables]
        airglow = find_airglow("STIS", hdus[0].header["OPT_ELEM"], hdus[0].header["APERTURE"])
    return np.logical_and.reduce(good) & is_outside_airglow(wavelength_a, airglow), wavelength_a


def _flat_along(exposure: Exposure, number: int) -> np.ndarray:
    trace = exposure.setting.orders[number].trace_at(COLUMNS, exposure.shift2)
    flat = low_order_flat()[np.rint(trace).astype(int) - 1, np.arange(PIXELS)]
    return np.asarray(flat, dtype=float)


def _spread(exposure: Exposure, repeat: Repeat, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Brightness x time and time in each bin of the good time of a repeat [s]."""
    law, sums = exposure.target.variability, np.zeros((2, bins))
    for start_s, stop_s in repeat.good_intervals_s:
        count = round((stop_s - start_s) / LAW_STEP_S)
        step_s = (stop_s - start_s) / count
        time_s = np.asarray(start_s + (np.arange(count) + 0.5) * step_s, dtype=np.float64)
        brightness = law.brightness_at(repeat.start_mjd, time_s)
        sums += spread_in_time(repeat.offset_s + time_s, brightness, step_s, bins)
    return sums[0], sums[1]

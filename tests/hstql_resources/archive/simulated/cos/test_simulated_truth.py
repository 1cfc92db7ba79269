"""What was put into the simulated exposures can be found in them."""

import json
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.cos.catalogue import KINDS, locate, make_exposure
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S, Orbit
from hstql_resources.archive.simulated.sky.spectrum import Spectrum
from hstql_resources.archive.simulated.sky.variability import Variability

CONSTANT, SINE, ECLIPSE = (locate(index).rootname for index in range(3))
REJECTED = 64 | 512 | 2048


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    archive = SimulatedArchive(12)
    for products in archive.list_products(archive.find_rootnames("cos")).values():
        archive.fetch(products, folder)
    return folder


def read_truth(files: Path, rootname: str) -> dict:
    return json.loads((files / f"{rootname}_truth.json").read_text())


def source_times(files: Path, rootname: str) -> np.ndarray:
    """Return the times [s] of the accepted events near the spectra, without airglow."""
    times = []
    for path in sorted(files.glob(f"{rootname}_corrtag*.fits")):
        with fits.open(path) as hdus:
            events, header = hdus["EVENTS"].data, hdus["EVENTS"].header
        location = header["SP_LOC_A" if path.stem.endswith("_a") else "SP_LOC_B"]
        keep = events["DQ"] & REJECTED == 0
        keep &= np.abs(events["YFULL"] - location) < 12
        for low, high in ((1208, 1225), (1298, 1312)):
            keep &= (events["WAVELENGTH"] < low) | (events["WAVELENGTH"] > high)
        times.append(events["TIME"][keep].astype(float) + 0.016)
    return np.concatenate(times)


def folded_chi_square(times_s: np.ndarray, period_s: float, bins: int = 10) -> float:
    """Return the chi-square of a folded lightcurve against a constant, `bins - 1` expected."""
    whole = times_s[times_s < times_s.max() // period_s * period_s]
    counts = np.histogram(whole / period_s % 1.0, bins, (0.0, 1.0))[0]
    return float(np.sum((counts - counts.mean()) ** 2 / counts.mean()))


def test_gross_counts_are_those_expected_within_poisson_errors(files):
    deviations = []
    for path in sorted(files.glob("*_truth.json")):
        segments = json.loads(path.read_text())["segments"]
        spectra = fits.getdata(files / f"{path.name[:9]}_x1d.fits")
        assert list(segments) == spectra["SEGMENT"].tolist()
        for spectrum in spectra:
            expected = segments[spectrum["SEGMENT"]]["gross_counts"]
            counts = spectrum["GCOUNTS"].sum(dtype=float)
            deviations.append((counts - expected) / np.sqrt(expected))
    assert len(deviations) == 24
    assert np.abs(deviations).max() < 4.0
    assert 0.5 < np.std(deviations) < 1.5


def test_mean_flux_is_that_which_was_put_in(files):
    for path in sorted(files.glob("*_truth.json")):
        truth = json.loads(path.read_text())
        spectrum = Spectrum(truth["spectrum"]["flux_1300"])
        for row in fits.getdata(files / f"{path.name[:9]}_x1d.fits"):
            wavelength_a = row["WAVELENGTH"].astype(float)
            good = row["DQ_WGT"] > 0
            for low, high in ((1208, 1225), (1297, 1312)):
                good &= (wavelength_a < low) | (wavelength_a > high)
            expected = spectrum.flux_at(wavelength_a[good]).mean() * truth["mean_brightness"]
            error = np.sqrt(np.sum(row["ERROR"][good].astype(float) ** 2)) / good.sum()
            assert abs(row["FLUX"][good].mean(dtype=float) - expected) < 4.0 * error


def test_sensitivity_is_the_smooth_ratio_of_net_to_flux(files):
    for path in sorted(files.glob("*_x1d.fits")):
        for row in fits.getdata(path):
            (column,) = np.nonzero(row["FLUX"])
            sensitivity = row["NET"][column].astype(float) / row["FLUX"][column]
            assert np.all(sensitivity > 0)
            slope = np.diff(np.log(sensitivity)) / np.diff(column)
            assert np.abs(slope).max() < 0.002


def test_the_sinusoid_is_seen_at_its_period_and_amplitude(files):
    law = read_truth(files, SINE)["variability"]
    times_s = source_times(files, SINE)
    trials = law["period_s"] * np.linspace(0.8, 1.2, 81)
    chi_squares = [folded_chi_square(times_s, trial) for trial in trials]
    assert max(chi_squares) > 100
    assert trials[int(np.argmax(chi_squares))] == pytest.approx(law["period_s"], rel=0.02)
    whole = times_s[times_s < times_s.max() // law["period_s"] * law["period_s"]]
    power = 2 * abs(np.mean(np.exp(2j * np.pi * whole / law["period_s"])))
    assert power == pytest.approx(law["amplitude"], abs=0.06)


def test_the_constant_target_shows_no_period(files):
    times_s = source_times(files, CONSTANT)
    gap_start = fits.getdata(files / f"{CONSTANT}_corrtag_a.fits", "GTI", 2)["STOP"][0]
    before = times_s[times_s < gap_start]
    assert all(folded_chi_square(before, period_s) < 40 for period_s in (20.0, 41.0, 67.0))


def test_eclipses_come_at_the_phase_of_the_truth_and_are_as_deep(files):
    truth = read_truth(files, ECLIPSE)
    law = truth["variability"]
    times_s = source_times(files, ECLIPSE)
    offset_s = (truth["start_mjd"] - law["epoch_mjd"]) * 86400.0
    live_s = np.arange(0.0, truth["exposure_time_s"], 0.1)

    def rate_within(low_s: float, high_s: float) -> float:
        def count(moments_s: np.ndarray) -> int:
            phase = (offset_s + moments_s) / law["period_s"] % 1.0
            distance_s = np.minimum(phase, 1.0 - phase) * law["period_s"]
            return np.count_nonzero((distance_s >= low_s) & (distance_s < high_s))

        return count(times_s) / (0.1 * count(live_s))

    flat_s = law["eclipse_duration_s"] / 2 - law["eclipse_ingress_s"]
    ratio = rate_within(0.0, flat_s) / rate_within(law["eclipse_duration_s"] / 2, 1e9)
    assert 1.0 - ratio == pytest.approx(law["eclipse_depth"], abs=0.05)


def test_exposures_of_a_target_share_its_position_and_its_law():
    by_name: dict[str, set] = {}
    for index in range(240):
        target = make_exposure(1, locate(index)).target
        by_name.setdefault(target.name, set()).add(
            (target.ra_deg, target.dec_deg, target.variability, target.spectrum)
        )
    assert len(by_name) == 2 * len(KINDS)
    assert all(len(values) == 1 for values in by_name.values())


def test_brightness_is_continuous_across_exposures_of_one_target():
    law = Variability("sinusoidal", period_s=43.21, amplitude=0.4)
    later_mjd = 59000.0 + 1000.0 / 86400.0
    time_s = np.linspace(0.0, 100.0, 50)
    first = law.brightness_at(59000.0, 1000.0 + time_s)
    np.testing.assert_allclose(law.brightness_at(later_mjd, time_s), first, atol=1e-5)


def test_a_trapezoid_reaches_its_depth_and_recovers():
    law = Variability(
        "eclipsing",
        period_s=100.0,
        eclipse_duration_s=20.0,
        eclipse_ingress_s=4.0,
        eclipse_depth=0.8,
        epoch_mjd=59000.0,
    )
    brightness = law.brightness_at(59000.0, np.array([0.0, 5.9, 8.0, 10.1, 50.0, 92.0, 100.0]))
    np.testing.assert_allclose(brightness, [0.2, 0.2, 0.6, 1.0, 1.0, 0.6, 0.2], atol=1e-9)


def test_the_sun_rises_at_sunrise_and_is_down_half_an_orbit_later():
    orbit = Orbit(sunrise_s=100.0, node_longitude_deg=10.0)
    altitude = orbit.sun_altitude_at(np.array([99.0, 100.0, 101.0, 100.0 + 0.75 * PERIOD_S]))
    assert altitude[0] < 0 < altitude[2]
    assert altitude[1] == 0
    assert altitude[3] == pytest.approx(-65.0)
    time_s = np.linspace(0.0, PERIOD_S, 500)
    assert np.abs(orbit.latitude_at(time_s)).max() == pytest.approx(28.5, abs=0.01)
    assert np.all((orbit.longitude_at(time_s) >= 0) & (orbit.longitude_at(time_s) < 360))

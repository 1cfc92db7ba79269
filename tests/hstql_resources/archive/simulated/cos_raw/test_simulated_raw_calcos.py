"""What real CalCOS makes of simulated raw exposures, against what was put in."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.calcos_switches import FUV_SWITCHES, SWITCHES
from builders.raw_calibration import CALCOS, Calibrated, calibrate
from builders.simulated_truth import is_outside_airglow
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.table import read_curve_table
from hstql_assets.statistics.periods import search_period
from hstql_assets.statistics.series import make_series
from hstql_resources.archive.simulated.cos_raw.catalogue import locate, make_exposure
from hstql_resources.archive.simulated.cos_raw.truth import state_raw_truth

SEED = 20090511
EVERYTHING = ExtractionSettings(wave_min=1.0, wave_max=1e5, exclude_airglow=False)
LONGEST_DEVIATION = 4.0  # standard errors
# Over eight exposures SHIFT1 scattered by 0.03 pixel around the truth, SHIFT2 by 0.03 around -0.04.
SHIFT_ERROR = 0.15

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not CALCOS.exists(), reason="CalCOS is not installed"),
]


@pytest.fixture(scope="session")
def nuv(tmp_path_factory) -> Calibrated:
    """The first raw exposure of the archive."""
    return calibrate([make_exposure(SEED, locate(0))], tmp_path_factory.mktemp("nuv"))


@pytest.fixture(scope="session")
def fuv(tmp_path_factory) -> Calibrated:
    """Both segments of a short exposure: CalCOS spends its time on the images, not the events."""
    exposure = make_exposure(SEED, locate(0, "FUV"), duration_s=240.0)
    return calibrate([exposure], tmp_path_factory.mktemp("fuv"))


def require_shifts(calibrated: Calibrated) -> None:
    exposure = calibrated.exposure
    header = fits.getheader(calibrated.corrtags[0], 1)
    for stripe in exposure.configuration.stripes:
        assert abs(header[f"SHIFT1{stripe.letter}"] - exposure.shift1) < SHIFT_ERROR
        assert abs(header[f"SHIFT2{stripe.letter}"] - exposure.shift2) < SHIFT_ERROR


def require_good_times(calibrated: Calibrated) -> None:
    for path in calibrated.corrtags:
        with fits.open(path) as hdus:
            good = hdus["GTI", 2].data
            expected = np.array(calibrated.exposure.good_intervals_s)
            found = np.column_stack([good["START"], good["STOP"]])
            assert found == pytest.approx(expected, abs=1e-3)


def require_same_counts(calibrated: Calibrated) -> Lightcurve:
    """Assert that the lightcurve of all good columns counts what the x1d does."""
    lightcurve = make_lightcurve(calibrated.corrtags, calibrated.x1d, EVERYTHING)
    table = fits.getdata(calibrated.x1d, 1)
    counts = sum(float(row["GCOUNTS"][row["DQ_WGT"] > 0].sum()) for row in table)
    assert lightcurve.totals.gross == round(counts)
    assert lightcurve.segments == tuple(row["SEGMENT"] for row in table)
    return lightcurve


def require_period(calibrated: Calibrated, folder: Path) -> None:
    path = folder / f"{calibrated.exposure.rootname}_curve.fits"
    write_lightcurve(make_lightcurve(calibrated.corrtags, calibrated.x1d), path)
    search = search_period(make_series(read_curve_table(path)))
    assert search is not None
    period_s = calibrated.exposure.target.variability.period_s
    assert search.best.is_periodic
    assert abs(search.best.period_s - period_s) < LONGEST_DEVIATION * search.best.error_s
    assert abs(search.best.period_s - period_s) < 0.02 * period_s


def require_flux(calibrated: Calibrated) -> None:
    """Assert that sensitivity and net counts are those of the star, spectrum by spectrum."""
    exposure = calibrated.exposure
    brightness = state_raw_truth(exposure)["mean_brightness"]
    table = fits.getdata(calibrated.x1d, 1)
    for row, stripe in zip(table, exposure.configuration.stripes, strict=True):
        wavelength_a = row["WAVELENGTH"].astype(float)
        used = (row["DQ_WGT"] > 0) & is_outside_airglow(wavelength_a)
        expected = np.asarray(stripe.sensitivity_at(wavelength_a))
        seen = used & (row["FLUX"] != 0)
        assert row["NET"][seen] / row["FLUX"][seen] == pytest.approx(expected[seen], rel=0.01)
        flux = exposure.target.spectrum.flux_at(wavelength_a) * brightness
        deviation = row["NET"][used].sum() - (flux * expected)[used].sum()
        error = np.sqrt(row["GCOUNTS"][used].sum()) / row["EXPTIME"]
        assert abs(deviation) < LONGEST_DEVIATION * error


def test_every_step_of_the_nuv_calibration_is_done(nuv):
    header, spectrum = fits.getheader(nuv.corrtags[0]), fits.getheader(nuv.x1d)
    assert header["SIMULATD"] is True
    assert [key for key in SWITCHES if spectrum[key] != "COMPLETE"] == []
    assert str(header["CAL_VER"]).startswith("3.6")


def test_nuv_shifts_are_those_of_the_truth(nuv):
    require_shifts(nuv)


def test_nuv_bad_time_is_cut(nuv):
    require_good_times(nuv)


def test_a_nuv_lightcurve_counts_the_events_of_the_x1d(nuv):
    lightcurve = require_same_counts(nuv)
    assert lightcurve.totals.exposure_s == pytest.approx(nuv.exposure.exposure_time_s, abs=1e-3)


def test_a_nuv_lightcurve_shows_the_period_and_a_flux(nuv, tmp_path):
    require_period(nuv, tmp_path)
    lightcurve = make_lightcurve(nuv.corrtags, nuv.x1d)
    assert lightcurve.is_flux_calibrated
    assert 1e-16 < lightcurve.totals.flux < 1e-14
    assert lightcurve.exposure.target_name == "SIM-RAW-SINE"
    assert lightcurve.exposure.is_simulated


def test_nuv_net_counts_are_those_of_the_flux(nuv):
    require_flux(nuv)


def test_flat_field_weights_are_those_of_the_detector(nuv):
    epsilon = fits.getdata(nuv.corrtags[0], 1)["EPSILON"]
    assert (epsilon.min(), epsilon.max()) == pytest.approx((0.96, 1.04), abs=1e-3)
    assert epsilon.mean() == pytest.approx(1.0, abs=2e-3)


def test_an_association_at_two_positions_becomes_one_spectrum(tmp_path):
    members = [make_exposure(5, locate(3, "NUV", n), 120.0, is_member=True) for n in (0, 1)]
    calibrated = calibrate(members, tmp_path)
    names = {path.name for path in calibrated.folder.iterdir()}
    assert {f"lr0004010_x1dsum{ending}.fits" for ending in ("", "3", "4")} < names
    for member in members:
        header = fits.getheader(calibrated.folder / f"{member.rootname}_corrtag.fits", 1)
        assert abs(header["SHIFT1B"] - member.shift1) < SHIFT_ERROR
    assert members[1].shift1 - members[0].shift1 > 8  # the step from one position to the next


def test_both_fuv_segments_are_calibrated_to_the_period(fuv, tmp_path):
    spectrum = fits.getheader(fuv.x1d)
    done = [key for key in (*SWITCHES, *FUV_SWITCHES) if spectrum[key] == "COMPLETE"]
    assert sorted(done) == sorted((*SWITCHES, *FUV_SWITCHES))
    assert len(fuv.corrtags) == 2
    require_shifts(fuv)
    require_good_times(fuv)
    require_same_counts(fuv)
    require_flux(fuv)
    require_period(fuv, tmp_path)

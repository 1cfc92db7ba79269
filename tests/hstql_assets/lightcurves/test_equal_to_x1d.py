"""Means of net and flux over time are those of the x1d, to a millionth; or it is said why not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import builders.stis_expectation as stis
from builders.simulated_truth import is_outside_airglow
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.rates import find_poisson_limits
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.archive.simulated.stis.catalogue import locate, make_exposure

SAME = 1e-6
COS = [f"ls000{visit}0{number}q" for visit in (1, 2, 3) for number in (1, 2, 3, 4)]
TWOZONE, BOXCAR, NUV = "ls000101q", "ls000103q", "ls000102q"


def list_events(folder: Path, rootname: str) -> list[Path]:
    return sorted(folder.glob(f"{rootname}_corrtag*.fits"))


def change_x1d(path: Path, to: Path, change: Callable[[fits.FITS_rec], None]) -> Path:
    """Copy an x1d with other values in its table."""
    with fits.open(path) as hdus:
        change(hdus[1].data)
        hdus.writeto(to)
    return to


def require_equal(lightcurve: Lightcurve, net: float, flux: float) -> None:
    assert lightcurve.totals.net_count_per_s == pytest.approx(net, rel=SAME)
    assert lightcurve.totals.flux == pytest.approx(flux, rel=SAME)
    assert lightcurve.x1d_ratio == pytest.approx(1, abs=SAME)
    assert (lightcurve.background_source, lightcurve.x1d_note) == ("x1d", "")
    live_s = lightcurve.bins.exposure_s
    mean = np.nansum(lightcurve.bins.net * live_s) / live_s.sum()
    assert mean == pytest.approx(net, rel=SAME)


@pytest.mark.parametrize("rootname", COS)
def test_cos_is_its_x1d(simulated: Path, rootname: str) -> None:
    """TWOZONE and BOXCAR, FUV A, B and both, and the stripes of NUV."""
    x1d = simulated / f"{rootname}_x1d.fits"
    events = list_events(simulated, rootname)
    lightcurve = make_lightcurve(events, x1d)
    table = fits.getdata(x1d)
    wave = table["WAVELENGTH"]
    lower, upper = lightcurve.settings.wavelength_limits(lightcurve.exposure.detector)
    used = (table["DQ_WGT"] > 0) & (wave >= lower) & (wave <= upper) & is_outside_airglow(wave)
    require_equal(
        lightcurve, table["NET"][used].sum(dtype=float), table["FLUX"][used].mean(dtype=float)
    )
    for path in events if len(events) > 1 else ():
        one = make_lightcurve([path], x1d)
        assert one.x1d_ratio == pytest.approx(1, abs=SAME)


@pytest.mark.parametrize("index", range(7))
def test_stis_is_its_x1d(tmp_path: Path, index: int) -> None:
    """First order and echelles, with gaps, and an x1d of two exposures."""
    stis.fetch_references(tmp_path)
    exposure = make_exposure(3, locate(index))
    stis.write_files(exposure, tmp_path)
    lightcurve = stis.make_case(exposure, tmp_path).lightcurve
    used, _ = stis.read_used(tmp_path / f"{exposure.rootname}_x1d.fits")
    with fits.open(tmp_path / f"{exposure.rootname}_x1d.fits") as hdus:
        seconds = [hdu.header["EXPTIME"] for hdu in hdus[1:]]
        net = [hdu.data["NET"][used].sum(dtype=float) for hdu in hdus[1:]]
        flux = [hdu.data["FLUX"][used].mean(dtype=float) for hdu in hdus[1:]]
    require_equal(lightcurve, np.average(net, weights=seconds), np.average(flux, weights=seconds))


def test_the_background_follows_its_events_in_time(simulated: Path) -> None:
    lightcurve = make_lightcurve(list_events(simulated, NUV), simulated / f"{NUV}_x1d.fits")
    bins = lightcurve.bins
    assert lightcurve.totals.background == pytest.approx(np.nansum(bins.background))
    rate = (bins.background / bins.exposure_s)[bins.exposure_s > 0]
    assert (rate > 0).all()  # smooth, where single events would leave holes


@pytest.mark.parametrize("change", ["NaN", "negative"])
def test_without_a_usable_background_the_events_tell_it(
    simulated: Path, tmp_path: Path, change: str
) -> None:
    def spoil(table: fits.FITS_rec) -> None:
        table["BACKGROUND"][:, 600:] = np.nan if change == "NaN" else -1e3

    x1d = change_x1d(simulated / f"{NUV}_x1d.fits", tmp_path / f"{NUV}_x1d.fits", spoil)
    lightcurve = make_lightcurve(list_events(simulated, NUV), x1d)
    assert lightcurve.background_source == "events"
    assert lightcurve.x1d_ratio == pytest.approx(1, abs=0.05)
    assert "no usable background" in lightcurve.x1d_note
    bins = lightcurve.bins
    live = bins.exposure_s > 0
    for values in (bins.error, bins.net_error, bins.flux_error):
        assert (values[live] > 0).all()


def test_columns_without_enclosed_light_are_no_good_ones(simulated: Path, tmp_path: Path) -> None:
    def spoil(table: fits.FITS_rec) -> None:
        table["ACTUAL_EE"][:, ::2] = 0

    path = simulated / f"{TWOZONE}_x1d.fits"
    x1d = change_x1d(path, tmp_path / path.name, spoil)
    half = make_lightcurve(list_events(simulated, TWOZONE), x1d)
    whole = make_lightcurve(list_events(simulated, TWOZONE), path)
    assert np.isfinite(half.totals.flux)
    assert half.totals.gross == pytest.approx(whole.totals.gross / 2, rel=0.1)
    assert half.x1d_ratio == pytest.approx(1, abs=SAME)


def test_what_is_not_equal_says_why(simulated: Path) -> None:
    x1d = simulated / f"{TWOZONE}_x1d.fits"
    low = ExtractionSettings(sun_altitude_max_deg=0.0)
    lightcurve = make_lightcurve(list_events(simulated, TWOZONE), x1d, low)
    assert lightcurve.totals.exposure_s < lightcurve.exposure.exp_time_s
    assert abs(lightcurve.x1d_ratio - 1) > 1e-4
    assert "are used, but the x1d is of" in lightcurve.x1d_note


def test_poisson_limits_of_each_bin_hold_its_count(simulated: Path) -> None:
    bins = make_lightcurve(list_events(simulated, NUV), simulated / f"{NUV}_x1d.fits").bins
    live = bins.exposure_s > 0
    assert (bins.gross_lower[live] <= bins.gross[live]).all()
    assert (bins.gross_upper[live] > bins.gross[live]).all()
    assert np.isnan(bins.gross_upper[~live]).all()


@pytest.mark.parametrize(
    ("counts", "lower", "upper"),
    [(0, 0.0, 1.841), (1, 0.173, 3.300), (5, 2.840, 8.382), (100, 90.02, 111.03)],
)
def test_poisson_limits_are_those_of_gehrels(counts: int, lower: float, upper: float) -> None:
    """Tables 1 and 2 of Gehrels 1986, ApJ 303, 336, for S = 1."""
    found = find_poisson_limits(np.array([counts]))
    assert found[0][0] == pytest.approx(lower, abs=2e-3 * max(lower, 1))
    assert found[1][0] == pytest.approx(upper, abs=2e-3 * upper)

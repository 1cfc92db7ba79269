"""The archive's own spectrum of a real exposure, reproduced from its events."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_assets.lightcurves.lightcurve import make_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings


@pytest.fixture
def folder(real_archive: Path) -> Path:
    return real_archive / "ld9m" / "ld9m10ujq"


@pytest.fixture
def x1d_row(folder: Path) -> np.ndarray:
    """FUVA of the x1d, in the columns that the defaults select."""
    row = fits.getdata(folder / "ld9m10ujq_x1d.fits")[0]
    wave = row["WAVELENGTH"]
    used = (row["DQ_WGT"] > 0) & (wave > 915) & (wave < 1800)
    for lower, upper in ((1208, 1225), (1298, 1312)):
        used &= ~((wave >= lower) & (wave <= upper))
    names = ("GCOUNTS", "BACKGROUND", "NET", "FLUX", "ERROR")
    return np.rec.fromarrays([row[name][used] for name in names], names=",".join(names))


def test_gross_is_gcounts_of_the_x1d_to_the_count(folder: Path, x1d_row: np.ndarray) -> None:
    lightcurve = make_lightcurve(
        [folder / "ld9m10ujq_corrtag_a.fits"], folder / "ld9m10ujq_x1d.fits"
    )
    assert lightcurve.totals.gross == 1362
    assert lightcurve.totals.gross == x1d_row.GCOUNTS.sum()
    assert np.nansum(lightcurve.bins.gross) == 1362


def test_background_net_and_flux_are_those_of_the_x1d(folder: Path, x1d_row: np.ndarray) -> None:
    lightcurve = make_lightcurve(
        [folder / "ld9m10ujq_corrtag_a.fits"], folder / "ld9m10ujq_x1d.fits"
    )
    totals = lightcurve.totals
    assert totals.exposure_s == pytest.approx(1881.152)
    assert totals.background == pytest.approx(x1d_row.BACKGROUND.sum() * 1881.152, rel=0.02)
    assert totals.net_count_per_s == pytest.approx(x1d_row.NET.sum(dtype=float), rel=1e-6)
    assert totals.flux == pytest.approx(x1d_row.FLUX.mean(dtype=float), rel=1e-6)
    assert lightcurve.x1d_ratio == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(("lower", "upper"), [(1291, 1330), (1340, 1400), (1400, 1440)])
def test_gross_is_gcounts_in_any_range_of_wavelengths(
    folder: Path, lower: float, upper: float
) -> None:
    row = fits.getdata(folder / "ld9m10ujq_x1d.fits")[0]
    wave = row["WAVELENGTH"]
    used = (row["DQ_WGT"] > 0) & (wave >= lower) & (wave <= upper)
    settings = ExtractionSettings(wave_min=lower, wave_max=upper, exclude_airglow=False)
    lightcurve = make_lightcurve(
        [folder / "ld9m10ujq_corrtag_a.fits"], folder / "ld9m10ujq_x1d.fits", settings
    )
    assert lightcurve.totals.gross == row["GCOUNTS"][used].sum()


def test_a_low_sun_leaves_less_live_time_and_less_airglow(folder: Path) -> None:
    files = [folder / "ld9m10ujq_corrtag_a.fits"]
    everything = make_lightcurve(files, None, ExtractionSettings(exclude_airglow=False))
    night = make_lightcurve(
        files, None, ExtractionSettings(exclude_airglow=False, sun_altitude_max_deg=40)
    )
    assert 0 < night.totals.exposure_s < everything.totals.exposure_s / 2
    assert 0 < night.totals.gross < everything.totals.gross / 2

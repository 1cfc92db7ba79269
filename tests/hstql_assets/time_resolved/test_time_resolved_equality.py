"""Added up over time they are the x1d: counts to the count, fluxes to a millionth, bin by bin."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import builders.stis_expectation as stis
from hstql_assets.lightcurves.lightcurve import make_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.spectra.x1d_match import find_sensitivity
from hstql_assets.stis_events.making import make_corrtag
from hstql_assets.time_resolved.settings import IntervalSettings
from hstql_assets.time_resolved.spectra import TimeResolvedSpectra, make_time_resolved
from hstql_resources.archive.simulated.stis.catalogue import locate, make_exposure

SAME = 1e-6
WITH_AIRGLOW = ExtractionSettings(exclude_airglow=False)
COS = [f"ls000{visit}0{number}q" for visit in (1, 2, 3) for number in (1, 2, 3, 4)]


def list_events(folder: Path, rootname: str) -> list[Path]:
    return sorted(folder.glob(f"{rootname}_corrtag*.fits"))


def add_up(spectra: TimeResolvedSpectra, name: str) -> np.ndarray:
    """Sums over time, shape (regions, bins)."""
    return np.nansum(spectra.join(name), axis=1)


def mean_flux(spectra: TimeResolvedSpectra) -> np.ndarray:
    """Means over the live time, shape (regions, bins); NaN where no column is calibrated."""
    live_s = np.concatenate(
        [np.tile(file.exposure_s, (len(file.cells.names), 1)) for file in spectra.files]
    )[:, :, None]
    flux = spectra.join("flux")
    total = np.nansum(flux * live_s, axis=1)
    return np.where(np.isnan(flux).all(axis=1), np.nan, total / live_s.sum(axis=1))


def average_columns(values: np.ndarray, used: np.ndarray, columns: int) -> np.ndarray:
    """Means of used columns in bins of so many, shape (rows, bins)."""
    starts = np.arange(0, values.shape[1], columns)
    total = np.add.reduceat(np.where(used, values, 0.0).astype(float), starts, axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / np.add.reduceat(used.astype(float), starts, axis=1))


def require_same(spectra: TimeResolvedSpectra, flux: np.ndarray, used: np.ndarray) -> None:
    """Compare means over time with those of the x1d over its used columns, shape (rows, columns).

    NET and FLUX of a column that is nearly 0 tell its sensitivity badly, as 32-bit numbers.
    """
    found = mean_flux(spectra)
    expected = average_columns(flux, used, spectra.files[0].cells.bin_columns)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    scale = np.nanmax(np.abs(expected))
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5 * scale)
    columns = spectra.join_cells("calibrated")
    mean = np.nansum(found * columns) / columns.sum()
    assert mean == pytest.approx(flux[used].mean(dtype=float), rel=SAME)


def is_calibrated(net: np.ndarray, flux: np.ndarray) -> np.ndarray:
    """Columns with a known sensitivity, row by row."""
    rows = zip(net.astype(float), flux.astype(float), strict=True)
    return np.isfinite([find_sensitivity(*row) for row in rows])


@pytest.mark.parametrize("rootname", COS)
def test_cos_is_its_x1d(simulated: Path, rootname: str) -> None:
    """TWOZONE and BOXCAR, FUV A, B and both, and the stripes of NUV."""
    x1d, events = simulated / f"{rootname}_x1d.fits", list_events(simulated, rootname)
    spectra = make_time_resolved(events, x1d, IntervalSettings(interval_s=60))
    table = fits.getdata(x1d)
    rows = [list(table["SEGMENT"]).index(name) for name in spectra.names]
    wave, detector = table["WAVELENGTH"][rows], spectra.exposure.detector
    lower, upper = WITH_AIRGLOW.wavelength_limits(detector)
    used = (table["DQ_WGT"][rows] > 0) & (wave >= lower) & (wave <= upper)
    columns = spectra.files[0].cells.bin_columns
    assert columns == {"FUV": 6, "NUV": 3}[detector]
    net, flux = table["NET"][rows], table["FLUX"][rows]
    require_same(spectra, flux, used & is_calibrated(net, flux))
    starts = np.arange(0, wave.shape[1], columns)
    gross = np.add.reduceat(np.where(used, table["GCOUNTS"][rows], 0.0), starts, axis=1)
    np.testing.assert_array_equal(add_up(spectra, "gross"), np.rint(gross))
    for file, path in zip(spectra.files, events, strict=True):
        assert file.x1d_ratio == pytest.approx(1, abs=SAME)
        assert (file.background_source, file.x1d_note) == ("x1d", "")
        alone = make_lightcurve([path], x1d, WITH_AIRGLOW)
        assert np.nansum(file.background) == pytest.approx(alone.totals.background, rel=1e-9)
        known = np.isfinite(file.flux)
        assert known.any()
        assert (file.error[known] > 0).all()


@pytest.mark.parametrize("index", range(7))
def test_stis_is_its_x1d(tmp_path: Path, index: int) -> None:
    """First order and echelles, with gaps, and an x1d of two exposures."""
    stis.fetch_references(tmp_path)
    exposure = make_exposure(3, locate(index))
    stis.write_files(exposure, tmp_path)
    tag, x1d, corrtag = (
        tmp_path / f"{exposure.rootname}_{kind}.fits" for kind in ("tag", "x1d", "corrtag")
    )
    make_corrtag(tag, x1d, lambda name: tmp_path / name.rpartition("$")[2], corrtag)
    spectra = make_time_resolved([corrtag], x1d, IntervalSettings(interval_s=100))
    whole = make_lightcurve([corrtag], x1d, WITH_AIRGLOW)
    with fits.open(x1d) as hdus:
        seconds = [hdu.header["EXPTIME"] for hdu in hdus[1:]]
        net, flux = (
            np.average([hdu.data[name] for hdu in hdus[1:]], axis=0, weights=seconds)
            for name in ("NET", "FLUX")
        )
        flags = np.bitwise_or.reduce([hdu.data["DQ"] for hdu in hdus[1:]])
        names = [f"ORDER {number}" for number in hdus[1].data["SPORDER"]]
    used = flags & stis.SERIOUS_FLAGS == 0
    assert spectra.names == tuple(names)
    assert spectra.files[0].cells.bin_columns == 2
    require_same(spectra, flux, used & is_calibrated(net, flux))
    assert add_up(spectra, "gross").sum() == whole.totals.gross
    assert spectra.files[0].x1d_ratio == pytest.approx(1, abs=SAME)
    assert add_up(spectra, "background").sum() == pytest.approx(whole.totals.background, rel=1e-9)


def test_a_real_exposure_is_its_x1d(real_archive: Path) -> None:
    folder = real_archive / "ld9m/ld9m10ujq"
    x1d = folder / "ld9m10ujq_x1d.fits"
    spectra = make_time_resolved([folder / "ld9m10ujq_corrtag_a.fits"], x1d, IntervalSettings())
    table = fits.getdata(x1d)
    row = [list(table["SEGMENT"]).index("FUVA")]
    used = (table["DQ_WGT"][row] > 0) & (table["WAVELENGTH"][row] >= 915)
    net, flux = table["NET"][row], table["FLUX"][row]
    require_same(spectra, flux, used & is_calibrated(net, flux))
    starts = np.arange(0, used.shape[1], 6)
    gross = np.add.reduceat(np.where(used, table["GCOUNTS"][row], 0.0), starts, axis=1)
    np.testing.assert_array_equal(add_up(spectra, "gross"), np.rint(gross))
    # The sky lights up O I as the Sun rises, and nothing else.
    wave = spectra.join_cells("wavelength")
    oxygen = np.nansum(np.where((wave > 1301) & (wave < 1307), spectra.join("gross")[0], 0), axis=1)
    assert oxygen[-1] > 5 * oxygen[0]


def test_an_x1d_without_background_has_that_of_the_events(simulated: Path, tmp_path: Path) -> None:
    rootname = "ls000101q"
    x1d, events = simulated / f"{rootname}_x1d.fits", list_events(simulated, rootname)
    shutil.copy(x1d, tmp_path / x1d.name)
    with fits.open(tmp_path / x1d.name, mode="update") as hdus:
        hdus[1].data["BACKGROUND_PER_PIXEL"] = np.nan
    spectra = make_time_resolved(events, tmp_path / x1d.name, IntervalSettings())
    for file, path in zip(spectra.files, events, strict=True):
        assert file.background_source == "events"
        assert "no usable background" in file.x1d_note or abs(file.x1d_ratio - 1) < 1e-4
        alone = make_lightcurve([path], tmp_path / x1d.name, WITH_AIRGLOW)
        assert np.nansum(file.background) == pytest.approx(alone.totals.background, rel=1e-9)
        assert file.totals.flux == pytest.approx(alone.totals.flux, rel=1e-9)
        live_s, calibrated = file.exposure_s[:, None], file.cells.calibrated
        flux = np.nansum(file.flux * live_s * calibrated) / live_s.sum() / calibrated.sum()
        assert flux == pytest.approx(alone.totals.flux, rel=0.02)

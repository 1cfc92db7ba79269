"""The file: read back by ourselves, and by the readers that it is promised to work with."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import QTable
from astropy.timeseries import TimeSeries

from builders.corrtag_files import Events, Observation
from builders.lightcurve_reading import read_lightcurve
from builders.quiet_reading import require_readable
from hstql_assets.batching.bad_data import BadData
from hstql_assets.lightcurves.fits_table import COLUMNS
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.table import read_curve_table
from hstql_resources.times import write_time

HSTLC = ["bins", "times", "mjd", "gross", "counts", "net", "flux", "flux_error", "background",
         "error", "dataset"]  # fmt: skip


@pytest.fixture
def lightcurve(observation: Observation) -> Lightcurve:
    """5,000 events in 100 s with a gap, segment B rejected."""
    rng = np.random.default_rng(3)
    n = 5000
    exposure = observation.but(
        good_times=((0.5, 40), (50, 99.3)), primary={"SIMULATD": True, "CAL_VER": "3.6.2 (x)"}
    )
    rows = np.where(rng.random(n) < 0.7, 420.0, 360.0)
    events = Events(np.sort(rng.uniform(0, 100, n)), rng.uniform(100, 16000, n), rows)
    first = exposure.corrtag(events)
    second = exposure.corrtag(Events(np.empty(0), np.empty(0), np.empty(0)), "FUVB")
    return make_lightcurve([first, second], exposure.x1d())


@pytest.fixture
def file(lightcurve: Lightcurve, tmp_path: Path) -> Path:
    path = tmp_path / "ltest01aq_curve.fits"
    write_lightcurve(lightcurve, path, ["made in a test"])
    return path


def test_what_is_written_is_read_back(file: Path, lightcurve: Lightcurve) -> None:
    back = read_lightcurve(file)
    assert back.exposure == lightcurve.exposure
    assert back.settings == lightcurve.settings
    assert (back.segments, back.inputs) == (lightcurve.segments, lightcurve.inputs)
    assert [str(p) for p in back.rejected] == [str(p) for p in lightcurve.rejected]
    for name, values in vars(lightcurve.bins).items():
        np.testing.assert_array_equal(getattr(back.bins, name), values)
    for name, value in vars(lightcurve.totals).items():
        assert getattr(back.totals, name) == pytest.approx(value, rel=1e-14)


def test_columns_are_those_of_hstlc_and_then_ours(file: Path) -> None:
    with fits.open(file, checksum=True) as hdus:
        table = hdus["LIGHTCURVE"]
        assert table.columns.names[:11] == HSTLC
        assert table.columns.names[11:] == [
            "TIME", "FLUX_ERR", "exposure", "quality", "net_error", "gross_lower", "gross_upper",
            "SECONDS", "FRACEXP",
            "BJD_TDB",
        ]  # fmt: skip
        assert [c.unit or "" for c in table.columns] == [c.unit for c in COLUMNS]
        np.testing.assert_array_equal(table.data["TIME"] - table.data["mjd"] > 0, True)
        assert np.unique(table.data["dataset"]).tolist() == [1]


def test_the_header_says_what_it_was_made_from(file: Path) -> None:
    header = fits.getheader(file)
    assert header["INFILE1"] == "ltest01aq_corrtag_a.fits"
    assert header["CALVER2"] == "3.6.2 (x)"
    assert header["REJWHY1"] == "No events"
    assert header["SIMULATD"] is True
    assert header["FLUXCAL"] is True
    assert header["STEPSIZE"] == 2.0
    assert header["CREATOR"].startswith("hstql ")
    assert "ORIGIN" not in header
    assert list(header["HISTORY"]) == ["made in a test"]


def test_two_files_of_the_same_lightcurve_are_the_same_bytes(
    file: Path, lightcurve: Lightcurve, tmp_path: Path
) -> None:
    again = tmp_path / "again.fits"
    write_lightcurve(lightcurve, again, ["made in a test"])
    assert again.read_bytes() == file.read_bytes()
    header = fits.getheader(file)
    assert header["DATE"] == write_time(lightcurve.exposure.exp_end_mjd).replace(" ", "T")
    assert "not of writing" in header.comments["DATE"]


def test_an_uncalibrated_lightcurve_says_so(observation: Observation, tmp_path: Path) -> None:
    events = Events(np.linspace(1, 99, 50), np.full(50, 8000.0), np.full(50, 420.0))
    made = make_lightcurve([observation.corrtag(events)], None, ExtractionSettings(wave_min=1000))
    write_lightcurve(made, tmp_path / "curve.fits")
    header = fits.getheader(tmp_path / "curve.fits")
    assert header["FLUXCAL"] is False
    assert "MEANFLUX" not in header
    assert "SIMULATD" not in header
    back = read_lightcurve(tmp_path / "curve.fits")
    assert not back.is_flux_calibrated
    assert back.settings.wave_min == 1000
    assert np.isnan(back.bins.flux).all()


def test_what_is_no_lightcurve_is_unreadable(observation: Observation, tmp_path: Path) -> None:
    page = tmp_path / "page.fits"
    page.write_text("<html>")
    for path in (page, observation.x1d(), tmp_path / "absent.fits"):
        with pytest.raises(BadData, match="Unreadable"):
            read_curve_table(path)


def test_programs_of_x_ray_astronomy_find_seconds_and_the_keywords_of_ogip(
    file: Path, lightcurve: Lightcurve
) -> None:
    table, header = fits.getdata(file, "LIGHTCURVE"), fits.getheader(file, "LIGHTCURVE")
    classes = [header[key] for key in ("HDUCLASS", "HDUCLAS1", "HDUCLAS2", "HDUCLAS3")]
    assert classes == ["OGIP", "LIGHTCURVE", "NET", "COUNT"]
    assert (header["TELESCOP"], header["INSTRUME"], header["TIMESYS"]) == ("HST", "COS", "UTC")
    assert (header["TIMEUNIT"], header["TIMEDEL"], header["TIMEPIXR"]) == ("s", 2.0, 0.5)
    reference_s = (header["MJDREFI"] + header["MJDREFF"]) * 86400 + header["TIMEZERO"]
    np.testing.assert_allclose(
        table["SECONDS"] + reference_s, table["TIME"] * 86400, rtol=0, atol=2e-6
    )
    exposure = lightcurve.exposure
    assert header["TSTART"] == pytest.approx(exposure.exp_start_mjd * 86400, abs=1e-6)
    assert header["TSTOP"] == pytest.approx(exposure.exp_end_mjd * 86400, abs=1e-6)
    assert table["SECONDS"][0] - header["TSTART"] == pytest.approx(1.0, abs=2e-6)
    live = table["exposure"] > 0
    assert (table["FRACEXP"] <= 1).all()
    np.testing.assert_allclose(table["FRACEXP"] * table["bins"], table["exposure"], rtol=1e-12)
    np.testing.assert_array_equal(np.isfinite(table["counts"]), live)


def test_bins_of_unequal_width_have_each_its_own(observation: Observation, tmp_path: Path) -> None:
    times = np.sort(np.random.default_rng(6).exponential(30, 400) % 100)
    events = Events(times, np.full(400, 8000.0), np.full(400, 420.0))
    settings = ExtractionSettings(target_sn=5)
    made = make_lightcurve([observation.corrtag(events)], observation.x1d(), settings)
    write_lightcurve(made, tmp_path / "curve.fits")
    require_readable(tmp_path / "curve.fits")
    table, header = (get(tmp_path / "curve.fits", 1) for get in (fits.getdata, fits.getheader))
    assert len(set(table["bins"])) > 1
    np.testing.assert_array_equal(table["bins"], made.widths_s)
    np.testing.assert_allclose(table["FRACEXP"] * table["bins"], table["exposure"], rtol=1e-12)
    np.testing.assert_allclose(table["mjd"] + table["bins"] / 2 / 86400, table["TIME"], rtol=1e-12)
    assert "TIMEDEL" not in header


def test_every_reader_is_content(file: Path) -> None:
    require_readable(file)
    table = QTable.read(file, astropy_native=True)
    series = TimeSeries.read(file, time_column="TIME", astropy_native=True)
    np.testing.assert_array_equal(series.time.mjd, table["TIME"].mjd)
    assert np.abs(table["TIME"].location.geocentric[0].to_value("m")) == 0.0


def test_three_readers_agree_on_times_fluxes_and_errors(file: Path, lightcurve: Lightcurve) -> None:
    with warnings.catch_warnings():
        # lightkurve 2.6 imports what other packages have deprecated.
        warnings.simplefilter("ignore")
        import lightkurve

        kurve = lightkurve.read(file)
    table = QTable.read(file, astropy_native=True)
    series = TimeSeries.read(file, time_column="TIME", time_format="mjd")
    with fits.open(file) as hdus:
        expected = {name: np.array(hdus[1].data[name]) for name in ("TIME", "flux", "FLUX_ERR")}
    live = np.isfinite(lightcurve.bins.flux)
    assert live.sum() < len(live)
    for times in (kurve.time, table["TIME"], series.time):
        found = times.utc.mjd
        np.testing.assert_allclose(found, expected["TIME"], rtol=0, atol=1e-9)
    for flux, error in (
        (kurve.flux, kurve.flux_err),
        (table["flux"], table["FLUX_ERR"]),
        (series["flux"], series["FLUX_ERR"]),
    ):
        unit = "erg / (s cm2 Angstrom)"
        np.testing.assert_array_equal(flux.to_value(unit), expected["flux"])
        np.testing.assert_array_equal(error.to_value(unit), expected["FLUX_ERR"])

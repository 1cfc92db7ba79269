"""The product, its picture, and what is decided about exposures that have none."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import QTable
from PIL import Image

from builders.corrtag_files import Events, Observation
from builders.quiet_reading import require_readable
from hstql_assets.time_resolved.assets import IntervalConfig
from hstql_assets.time_resolved.making import SpectraTask, decide_time_resolved
from hstql_assets.time_resolved.product import write_time_resolved
from hstql_assets.time_resolved.settings import IntervalSettings
from hstql_assets.time_resolved.spectra import TimeResolvedSpectra, make_time_resolved
from hstql_resources.filesystem import Filesystem

N = 4000
SETTINGS = IntervalSettings(interval_s=20)


def draw_events(number: int = N) -> Events:
    rng = np.random.default_rng(4)
    rows = np.where(rng.random(number) < 0.7, 420.0, 360.0)
    return Events(np.sort(rng.uniform(0, 100, number)), rng.uniform(100, 16000, number), rows)


@pytest.fixture
def task(observation: Observation, tmp_path: Path) -> SpectraTask:
    return SpectraTask(
        key=observation.rootname,
        target=None,
        events=(observation.corrtag(draw_events()),),
        x1d=observation.x1d(),
        missing_reason=None,
        settings=SETTINGS,
        filesystem=Filesystem(tmp_path / "home"),
    )


@pytest.fixture
def spectra(observation: Observation) -> TimeResolvedSpectra:
    gaps = observation.but(good_times=((0, 40), (60, 99)), primary={"SIMULATD": True})
    bad = gaps.corrtag(Events(np.empty(0), np.empty(0), np.empty(0)), "FUVB")
    return make_time_resolved([gaps.corrtag(draw_events()), bad], gaps.x1d(), SETTINGS)


def test_a_file_has_the_columns_of_a_time_series_of_ullyses(
    spectra: TimeResolvedSpectra, tmp_path: Path
) -> None:
    path = tmp_path / "ltest01aq_tss.fits"
    write_time_resolved(spectra, path)
    require_readable(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with fits.open(path, checksum=True) as hdus:
            hdus.verify("exception")
            header, table, rows = hdus[0].header, hdus["SCIENCE"], hdus["SCIENCE"].data
            names = table.columns.names
            assert names[1:3] == ["MJDSTART", "MJDEND"]
            assert {"WAVELENGTH", "FLUX", "ERROR", "GROSS", "BACKGROUND", "EXPOSURE"} < set(names)
            assert rows["FLUX"].shape == (1, 5, 2731)
            np.testing.assert_array_equal(rows["GROSS"], spectra.join("gross").astype(">f4"))
            np.testing.assert_array_equal(rows["FLUX"], spectra.join("flux").astype(">f4"))
            np.testing.assert_array_equal(rows["SEGMENT"], ["FUVA"])
        units = QTable.read(path)["FLUX"].unit
    assert units.to_string() == "erg / (Angstrom s cm2)"
    assert (header["SIMULATD"], header["NINTERV"], header["BINCOLS"]) == (True, 5, 6)
    assert header["REJWHY1"] == "No events"
    assert header["BJDPOS"] == "Earth"
    again = tmp_path / "again.fits"
    write_time_resolved(spectra, again)
    assert again.read_bytes() == path.read_bytes()


def test_intervals_are_equal_and_have_their_live_time(spectra: TimeResolvedSpectra) -> None:
    (file,) = spectra.files
    np.testing.assert_allclose(np.diff(spectra.edges_s), 99 / 5)
    np.testing.assert_allclose(file.exposure_s, [19.8, 19.8, 0.4, 19.2, 19.8], atol=1e-5)
    assert file.totals.gross == np.nansum(file.gross)


def test_an_interval_without_live_time_has_no_value(observation: Observation) -> None:
    gap = observation.but(good_times=((0, 20), (80, 100)))
    spectra = make_time_resolved([gap.corrtag(draw_events())], gap.x1d(), SETTINGS)
    (file,) = spectra.files
    used = file.cells.columns > 0
    for values in (file.flux, file.error, file.gross, file.background):
        np.testing.assert_array_equal(np.isnan(values[:, used]).all(axis=1), [0, 1, 1, 1, 0])
        assert np.isfinite(values[[0, -1]][:, used]).all()


def test_a_settled_product_has_a_row_a_file_and_a_picture(task: SpectraTask) -> None:
    outcome = decide_time_resolved(task)
    assert outcome.status == "made"
    (row,) = outcome.rows["time_resolved_spectra"]
    assert row["path"] == str(task.path)
    assert (row["segments"], row["intervals"], row["wavelength_bins"]) == ("FUVA", 5, 2731)
    with fits.open(task.path) as hdus:
        assert row["gross_counts"] == np.nansum(hdus[1].data["GROSS"])
    with Image.open(task.picture) as picture:
        assert picture.size[0] > 900
        shown = np.asarray(picture.convert("RGB"))
    assert outcome.metadata["png"] == task.picture
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) > 10


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"x1d": None}, "none", "has no x1d: only that has wavelengths"),
        ({"events": ()}, "none", "has no calibrated events"),
        ({"events": (Path("gone_corrtag_a.fits"),)}, "missing", "is not there any more"),
    ],
)
def test_without_its_files_there_is_none_and_the_reason_is_told(
    task: SpectraTask, change: dict[str, object], status: str, said: str
) -> None:
    decide_time_resolved(task)
    outcome = decide_time_resolved(replace(task, **change))
    assert outcome.status == status
    assert said in str(outcome.reason)
    assert task.path.exists() == task.picture.exists() == (status == "missing")


def test_an_x1d_of_another_exposure_is_bad(task: SpectraTask, observation: Observation) -> None:
    other = observation.but(exp_start=58001.25).x1d()
    outcome = decide_time_resolved(replace(task, x1d=other))
    assert outcome.status == "bad"
    assert [bad.reason for bad in outcome.bad_files] == ["Mismatched x1d"]


def test_one_event_is_bad_two_are_spectra(task: SpectraTask, observation: Observation) -> None:
    for number, status in ((1, "bad"), (2, "made")):
        path = observation.corrtag(draw_events(number))
        outcome = decide_time_resolved(replace(task, events=(path,)))
        assert outcome.status == status


def test_an_x1d_without_flux_has_counts(observation: Observation) -> None:
    x1d = observation.x1d(FUVA={"FLUX": np.zeros(16384)})
    spectra = make_time_resolved([observation.corrtag(draw_events())], x1d, SETTINGS)
    assert not spectra.is_flux_calibrated
    assert np.isnan(spectra.files[0].flux).all()
    assert np.nansum(spectra.files[0].gross) == spectra.files[0].totals.gross > 0


def test_settings_that_leave_nothing_are_told(task: SpectraTask) -> None:
    for settings, said in (
        (IntervalSettings(interval_s=1e-4), "more than 10,000,000: choose longer ones"),
        (IntervalSettings(wave_min=1700, wave_max=1750), "no good column from 1700 to 1750"),
    ):
        outcome = decide_time_resolved(replace(task, settings=settings))
        assert outcome.status == "none"
        assert said in str(outcome.reason)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"interval_s": 0}, "interval_s is 0: give more than 0"),
        ({"bin_columns": 0}, "bin_columns is 0: give 1 or more"),
        ({"wave_min": -1}, "wave_min is -1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        IntervalSettings(**values)


def test_the_configuration_of_the_assets_is_that_of_the_pure_modules() -> None:
    assert IntervalConfig().to_settings() == IntervalSettings()
    own = IntervalConfig(interval_s=60, bin_columns=12, wave_min=1200, bad_proposals=[12345])
    assert own.to_settings() == IntervalSettings(60, 12, 1200, bad_proposals=frozenset({12345}))

"""What becomes of event files that cannot be read, and of those that only just can."""

import contextlib
import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.corrtag_files import Events, Observation
from hstql_assets.batching.bad_data import BadData, BadExposure, Reason
from hstql_assets.lightcurves.events import open_events
from hstql_assets.lightcurves.lightcurve import make_lightcurve
from hstql_resources.fits import stream


@pytest.fixture
def corrtag(observation: Observation) -> Path:
    """2,000 events on the trace, evenly over 100 s."""
    n = 2000
    times = np.linspace(0.032, 99.9, n)
    return observation.corrtag(Events(times, np.full(n, 8000.0), np.full(n, 420.0)))


def problem_of(path: Path) -> BadData:
    with pytest.raises(BadExposure) as caught:
        make_lightcurve([path], None)
    (problem,) = caught.value.problems
    assert problem.filename == path.name
    return problem


def cut(path: Path, size: int) -> Path:
    path.write_bytes(path.read_bytes()[:size])
    return path


def test_events_come_back_as_written(corrtag: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BLOCK_ROWS", 300)
    events = open_events(corrtag)
    block = np.concatenate([block.copy() for block in events.blocks()])
    with fits.open(corrtag) as hdus:
        for name in ("TIME", "XFULL", "DQ", "PHA"):
            np.testing.assert_array_equal(
                events.layout.column(block, name), hdus["EVENTS"].data[name]
            )
    assert events.exposure.target_name == "TEST-STAR"
    assert events.exposure.exp_start_mjd == 58000.25


def test_a_gzipped_file_gives_the_same_lightcurve(corrtag: Path) -> None:
    zipped = corrtag.with_name("ltest01aq_corrtag_a.fits.gz")
    with corrtag.open("rb") as source, gzip.open(zipped, "wb") as target:
        shutil.copyfileobj(source, target)
    plain, packed = make_lightcurve([corrtag], None), make_lightcurve([zipped], None)
    assert plain.totals.gross == packed.totals.gross == 2000
    np.testing.assert_array_equal(plain.bins.gross, packed.bins.gross)


def test_scaled_unsigned_columns_are_unscaled(observation: Observation) -> None:
    n = 10
    path = observation.corrtag(Events(np.arange(n) + 1.0, np.full(n, 9.0), np.full(n, 420.0)))
    with fits.open(path) as hdus:
        table = hdus["EVENTS"]
        columns = [c for c in table.columns if c.name != "DQ"]
        dq = np.array([0, 64] * 5, dtype=np.uint16)
        columns.insert(10, fits.Column("DQ", "I", bzero=32768, array=dq))
        hdus["EVENTS"] = fits.BinTableHDU.from_columns(columns, table.header)
        hdus.writeto(path, overwrite=True)
    events = open_events(path)
    (block,) = events.blocks()
    np.testing.assert_array_equal(events.layout.column(block, "DQ"), dq)


def test_the_good_times_of_the_highest_extver_count(observation: Observation) -> None:
    exposure = observation.but(
        old_good_times=((0.0, 100.0),), good_times=((0.0, 40.0), (60.0, 100.0))
    )
    path = exposure.corrtag(Events(np.array([1.0, 50.0, 99.0]), np.ones(3), np.full(3, 420.0)))
    assert open_events(path).good_times_s.tolist() == [[0, 40], [60, 100]]


def test_a_truncated_table_says_how_many_events_are_left(corrtag: Path) -> None:
    start = open_events(corrtag).extension.data_start
    row = open_events(corrtag).layout.record.itemsize
    problem = problem_of(cut(corrtag, start + 1024 * row + 5))
    assert problem.reason is Reason.UNREADABLE
    assert "ends after 1,024 of 2,000 events" in problem.detail


def test_a_truncated_gzip_is_unreadable(corrtag: Path) -> None:
    packed = gzip.compress(corrtag.read_bytes(), mtime=0)
    path = corrtag.with_suffix(".fits.gz")
    path.write_bytes(packed[: len(packed) // 2])
    problem = problem_of(path)
    assert problem.reason is Reason.UNREADABLE
    assert "ends" in problem.detail


def test_a_damaged_gzip_is_unreadable(corrtag: Path) -> None:
    packed = bytearray(gzip.compress(corrtag.read_bytes(), mtime=0))
    packed[3000:3100] = b"\xff" * 100
    path = corrtag.with_suffix(".fits.gz")
    path.write_bytes(packed)
    assert problem_of(path).reason is Reason.UNREADABLE


def test_a_web_page_is_not_fits(tmp_path: Path) -> None:
    path = tmp_path / "ltest01aq_corrtag_a.fits"
    path.write_text("<!DOCTYPE html>\n<html><body>503</body></html>")
    assert "is not FITS: it begins with '<!DOCTYPE html>'" in problem_of(path).detail


def test_zero_bytes_are_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "ltest01aq_corrtag_a.fits"
    path.touch()
    assert problem_of(path).detail == "is empty."


def test_a_file_that_cannot_be_opened_is_unreadable_without_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "ltest01aq_corrtag_a.fits"
    path.symlink_to(path)
    problem = problem_of(path)
    assert problem.reason is Reason.UNREADABLE
    assert str(tmp_path) not in problem.detail


def test_a_missing_column_is_named(corrtag: Path) -> None:
    with fits.open(corrtag) as hdus:
        kept = [c for c in hdus["EVENTS"].columns if c.name != "WAVELENGTH"]
        hdus["EVENTS"] = fits.BinTableHDU.from_columns(kept, hdus["EVENTS"].header)
        hdus.writeto(corrtag, overwrite=True)
    assert "EVENTS has no column WAVELENGTH" in problem_of(corrtag).detail


@pytest.mark.parametrize("keyword", ["EXPSTART", "EXPTIME", "EXPFLAG"])
def test_a_missing_keyword_is_named(observation: Observation, keyword: str) -> None:
    events = Events(np.array([1.0, 2.0]), np.ones(2), np.full(2, 420.0))
    path = observation.but(events_header={keyword: None}).corrtag(events)
    assert f"{keyword} is missing" in problem_of(path).detail


def test_a_keyword_of_the_wrong_type_is_named(observation: Observation) -> None:
    events = Events(np.array([1.0, 2.0]), np.ones(2), np.full(2, 420.0))
    path = observation.but(events_header={"EXPTIME": "long"}).corrtag(events)
    assert "EXPTIME is 'long', not a number" in problem_of(path).detail


@pytest.mark.parametrize(
    ("primary", "extension", "said"),
    [
        ({"INSTRUME": "ACS"}, {}, "INSTRUME is ACS"),
        ({}, {"EXPSTART": 0.0}, "EXPSTART is MJD 0"),
        ({}, {"EXPSTART": 2458000.5}, "not from 50000 to 100000"),
        ({}, {"EXPEND": 59000.0}, "EXPEND is MJD 59000, not within a day"),
        ({}, {"EXPEND": 57000.0}, "EXPEND is MJD 57000, not within a day"),
    ],
)
def test_an_exposure_of_another_instrument_or_of_no_time_is_unreadable(
    observation: Observation, primary: dict[str, object], extension: dict[str, object], said: str
) -> None:
    events = Events(np.array([1.0, 2.0]), np.ones(2), np.full(2, 420.0))
    problem = problem_of(observation.but(primary=primary, events_header=extension).corrtag(events))
    assert problem.reason is Reason.UNREADABLE
    assert said in problem.detail


def test_a_file_without_good_times_is_unreadable(corrtag: Path) -> None:
    with fits.open(corrtag) as hdus:
        del hdus["GTI"]
        hdus.writeto(corrtag, overwrite=True)
    assert "has no GTI table" in problem_of(corrtag).detail


@pytest.mark.parametrize("seed", range(40))
def test_random_damage_is_a_result_or_bad_data_but_never_another_error(
    corrtag: Path, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    data = bytearray(corrtag.read_bytes())
    for at in rng.integers(0, 20000, 30):
        data[at] = rng.integers(32, 127)
    corrtag.write_bytes(data)
    with contextlib.suppress(BadExposure):
        assert make_lightcurve([corrtag], None).exposure.detector == "FUV"


@pytest.mark.parametrize(
    ("table", "keyword", "value", "detail"),
    [
        ("EVENTS", "NAXIS2", 10**15, "ends after 2"),
        ("GTI", "NAXIS2", 10**15, "ends after"),
        ("EVENTS", "TFORM4", "99999999999E", "impossible format"),
        ("EVENTS", "TFORM4", "D", "by columns of"),
        ("EVENTS", "NAXIS1", -8, "size"),
    ],
)
def test_a_header_that_promises_the_impossible_is_unreadable(
    corrtag: Path, table: str, keyword: str, value: object, detail: str
) -> None:
    with fits.open(corrtag) as hdus:
        data = corrtag.read_bytes()
        at = hdus[table]._header_offset
        card = data.index(keyword.ljust(8).encode() + b"=", at)
    corrtag.write_bytes(
        data[:card] + str(fits.Card(keyword, value)).encode().ljust(80) + data[card + 80 :]
    )
    problem = problem_of(corrtag)
    assert problem.reason is Reason.UNREADABLE
    assert detail in problem.detail

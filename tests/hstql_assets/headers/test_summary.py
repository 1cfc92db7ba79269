"""One observation out of the headers of its files: which file is believed in what."""

from pathlib import Path

import pytest
from astropy.io import fits

from hstql_assets.batching.input_files import InputFile
from hstql_assets.headers.scanning import HeaderTask, scan_headers
from hstql_assets.headers.summary import summarize
from hstql_resources.fits.file_headers import FileHeaders, read_headers
from hstql_resources.fits.header import Header

KEY = "lsum01aaq"


def headers(filetype: str, *hdus: dict[str, object]) -> FileHeaders:
    made = tuple(Header(values=values) for values in hdus)
    return FileHeaders(f"{KEY}_{filetype}.fits", filetype, made)


def columns(*files: FileHeaders) -> dict[str, object]:
    return summarize(KEY, files).columns


def test_calibrated_files_are_believed_before_raw_ones_and_these_before_telemetry() -> None:
    spt, raw = headers("spt", {"TARGNAME": "SPT"}), headers("rawtag_a", {"TARGNAME": "RAW"})
    x1d = headers("x1d", {"TARGNAME": "X1D"})
    assert columns(spt, raw, x1d)["target_name"] == "X1D"
    assert columns(spt, raw)["target_name"] == "RAW"
    assert columns(spt)["target_name"] == "SPT"


@pytest.mark.parametrize("filetype", ["asn", "jif", "jit", "wav", "wsp"])
def test_support_files_are_never_believed_but_for_the_detector(filetype: str) -> None:
    found = columns(headers(filetype, {"TARGNAME": "WAVEHITM", "RA_TARG": 0.0, "DETECTOR": "FUV"}))
    assert found["target_name"] is None
    assert found["ra_deg"] is None
    assert found["detector"] == "FUV"


def test_a_value_may_stand_in_any_extension_and_blank_ones_are_passed_over() -> None:
    file = headers("x1d", {"TARGNAME": " ", "OPT_ELEM": None}, {"TARGNAME": "STAR", "EXPTIME": 5})
    found = columns(file)
    assert (found["target_name"], found["exp_time_s"], found["opt_elem"]) == ("STAR", 5.0, None)


@pytest.mark.parametrize(
    ("value", "number"),
    [(1291, 1291), (1291.0, 1291), ("1291", 1291), ("wide", None), (True, None), (10**12, None),
     (-(10**12), None), (2**31 - 1, 2**31 - 1)],
)  # fmt: skip
def test_an_integer_that_its_column_cannot_hold_is_left_out(
    value: object, number: int | None
) -> None:
    assert columns(headers("x1d", {"CENWAVE": value}))["cenwave"] == number


def test_the_detector_comes_from_config_where_nothing_else_says_it() -> None:
    assert columns(headers("jit", {"CONFIG": "STIS/NUV-MAMA"}))["detector"] == "NUV-MAMA"
    assert columns(headers("jit", {"CONFIG": "none"}))["detector"] == "unknown"
    assert columns()["detector"] == "unknown"


SCIENCE = {"OBSMODE": "TIME-TAG", "TARGNAME": "STAR", "EXPTYPE": "EXTERNAL/SCI"}


@pytest.mark.parametrize("filetype", ["corrtag", "corrtag_a", "rawtag_b", "tag"])
def test_events_of_a_target_in_time_tag_mode_are_time_tag_science(filetype: str) -> None:
    assert summarize(KEY, [headers(filetype, SCIENCE)]).is_timetag_science
    without_type = {key: value for key, value in SCIENCE.items() if key != "EXPTYPE"}
    assert summarize(KEY, [headers(filetype, without_type)]).is_timetag_science


@pytest.mark.parametrize(
    "change",
    [{"OBSMODE": "ACCUM"}, {"TARGNAME": "DARK"}, {"TARGNAME": "wave"}, {"TARGNAME": "WAVEHITM"},
     {"TARGNAME": "DEUTERIUM"}, {"TARGNAME": "ANY"}, {"TARGNAME": "NONE"}, {"TARGNAME": "BIAS"},
     {"EXPTYPE": "WAVECAL"}, {"EXPTYPE": "FLAT"}, {"SCLAMP": "HITM1"}, {"SCLAMP": "krypton"},
     {"TARGNAME": "CCDFLAT"}, {"TARGNAME": "Krypton"}, {"TARGNAME": "HITM1"},
     {"TARGNAME": "HITM2"}, {"TARGNAME": "LINE"}, {"TARGNAME": "TUNGSTEN"},
     {"TARGNAME": "WAVELINE"}, {"TARGNAME": "INTFLAT"}],
)  # fmt: skip
def test_other_events_are_not(change: dict[str, object]) -> None:
    assert not summarize(KEY, [headers("corrtag_a", SCIENCE | change)]).is_timetag_science


@pytest.mark.parametrize(
    "change",
    [{"EXPTYPE": "EXTERNAL/CAL"}, {"EXPTYPE": "external/sci"}, {"OBSMODE": "Time-Tag"},
     {"SCLAMP": "NONE"}, {"SCLAMP": "None"}, {"TARGNAME": "GD71"}, {"TARGNAME": "LINE-1"},
     {"TARGNAME": "DARK-EARTH-CALIB", "EXPTYPE": "EXTERNAL/CAL"}],
)  # fmt: skip
def test_external_calibration_targets_are_science_whatever_the_case_of_words(
    change: dict[str, object],
) -> None:
    assert summarize(KEY, [headers("corrtag_a", SCIENCE | change)]).is_timetag_science


@pytest.mark.parametrize(
    ("text", "detector"), [("fuv", "FUV"), ("Nuv-Mama", "NUV-MAMA"), ("Odd", "Odd")]
)
def test_a_known_detector_has_one_name_and_another_stands_as_it_is(
    text: str, detector: str
) -> None:
    assert columns(headers("x1d", {"DETECTOR": text}))["detector"] == detector


@pytest.mark.parametrize(
    ("config", "detector"),
    [("STIS/MA1", "FUV-MAMA"), ("STIS/MA2", "NUV-MAMA"), ("STIS/CCD", "CCD")],
)
def test_the_mamas_of_stis_have_one_name(config: str, detector: str) -> None:
    assert columns(headers("jit", {"CONFIG": config}))["detector"] == detector


def test_a_spectrum_is_not_time_tag_science() -> None:
    assert not summarize(KEY, [headers("x1dsum", SCIENCE)]).is_timetag_science


@pytest.mark.parametrize("value", [b"'F\x00UV'", b"'F\xe9V'", b"FUV", b"'FUV"])
def test_a_damaged_card_is_passed_over(value: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"{KEY}_x1d.fits"
    header = fits.Header({"DETECTOR": "HERE", "TARGNAME": "STAR", "CAL_VER": "1.2"})
    fits.PrimaryHDU(header=header).writeto(path)
    damaged = (b"DETECTOR= " + value).ljust(80)
    content = path.read_bytes()
    start = content.index(b"DETECTOR=")
    path.write_bytes(content[:start] + damaged + content[start + 80 :])
    outcome = scan_headers(HeaderTask(KEY, (InputFile(path.name, "x1d", path),)))
    assert outcome.status == "made"
    (row,) = outcome.rows["observations"]
    assert (row["target_name"], row["detector"]) == ("STAR", "unknown")
    assert outcome.rows["files"] == [
        {"filename": path.name, "cal_ver": "1.2", "reference_files": None}
    ]


def test_an_unreadable_file_beside_a_good_one_is_named_and_the_rest_is_read(
    tmp_path: Path,
) -> None:
    good, bad = (tmp_path / f"{KEY}_{name}.fits" for name in ("x1d", "spt"))
    fits.PrimaryHDU(header=fits.Header({"TARGNAME": "STAR"})).writeto(good)
    bad.write_text("<html>")
    files = tuple(InputFile(path.name, path.stem[10:], path) for path in (good, bad))
    outcome = scan_headers(HeaderTask(KEY, files))
    assert outcome.status == "made"
    assert [problem.filename for problem in outcome.bad_files] == [bad.name]
    assert "not FITS" in outcome.bad_files[0].detail


def test_a_key_without_files_is_none_or_missing_if_they_could_not_be_had() -> None:
    assert scan_headers(HeaderTask(KEY, ())).status == "none"
    outcome = scan_headers(HeaderTask(KEY, (), "The archive has no files."))
    assert (outcome.status, outcome.reason) == ("missing", "The archive has no files.")


def test_a_file_that_is_gone_is_unreadable_and_named(tmp_path: Path) -> None:
    gone = read_headers(tmp_path / "gone.fits", "x1d")
    assert gone.headers == ()
    assert gone.fault == "gone.fits cannot be opened: No such file or directory."


def test_an_event_file_without_headers_is_vouched_for_by_the_other_files() -> None:
    lost = FileHeaders("l_corrtag.fits", "corrtag", (), "l_corrtag.fits is empty.")
    assert summarize(KEY, [lost, headers("x1d", SCIENCE)]).is_timetag_science
    assert not summarize(
        KEY, [lost, headers("x1d", SCIENCE | {"OBSMODE": "ACCUM"})]
    ).is_timetag_science
    assert not summarize(KEY, [lost]).is_timetag_science


@pytest.mark.parametrize(
    ("value", "expected"), [("T", True), (True, True), ("", False), ("F", False), (False, False)]
)
def test_a_moving_target_is_a_text_or_a_logical(value: object, expected: bool) -> None:
    found = columns(headers("spt", {"MTFLAG": "T"}), headers("x1d", {"MTFLAG": value}))
    assert found["is_moving_target"] is expected


def test_nobody_knows_whether_a_target_without_the_flag_moves() -> None:
    assert columns(headers("x1d", {"TARGNAME": "STAR"}))["is_moving_target"] is None

"""Acquisitions from the headers of their files, good and bad."""

import pickle
from pathlib import Path

import pytest

from builders.made_acquisitions import KEY, measure, write_rawacq, write_spt
from hstql_assets.monitors.acquisitions.measure import measure_acquisition
from hstql_assets.monitors.acquisitions.rows import find_sensor, rotate_slew
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_resources import tables

COLUMNS = {column.name for column in tables.Acquisition.__table__.columns}


def only_row(outcome) -> dict[str, object]:  # type: ignore[no-untyped-def]
    assert outcome.status == "made", outcome.reason
    (row,) = outcome.rows["acquisitions"]
    return row


def test_a_row_has_all_columns_and_says_what_the_headers_say(tmp_path: Path) -> None:
    outcome = measure(write_rawacq(tmp_path), write_spt(tmp_path))
    row = only_row(outcome)
    assert row.keys() == COLUMNS
    assert (row["rootname"], row["filename"]) == (KEY, f"{KEY}_rawacq.fits")
    assert (row["exp_start_mjd"], row["events"], row["lamp_events"]) == (55692.66989162, 16670, 686)
    assert (row["obset_id"], row["line_number"], row["proposal_id"]) == ("1E", "1E.001", 12289)
    assert (row["guide_star"], row["fgs"], row["second_guide_star"]) == (
        "N4YJ000260F1", "F1", "N4YJ000034F2",
    )  # fmt: skip
    assert row["v2_arcsec"] == pytest.approx((0.653 - 0.304) / 2**0.5, rel=1e-14)
    assert row["v3_arcsec"] == pytest.approx((0.653 + 0.304) / 2**0.5, rel=1e-14)
    assert outcome.bad_files == ()
    assert outcome.metadata["path"] == tmp_path / f"{KEY}_rawacq.fits"
    assert outcome.metadata["slew_x_arcsec"] == row["slew_x_arcsec"]


def test_the_lamp_of_an_image_becomes_a_shift_of_the_mirror(tmp_path: Path) -> None:
    outcome = measure(write_rawacq(tmp_path), write_spt(tmp_path))
    (lamp,) = outcome.rows["osm_shifts"]
    assert lamp.keys() == {column.name for column in tables.OsmShift.__table__.columns}
    assert (lamp["filetype"], lamp["shift_disp"], lamp["shift_xdisp"]) == ("rawacq", 313.0, 813.0)


@pytest.mark.parametrize(
    ("missing", "kept"), [("ACQSLEWX", "slew_y_arcsec"), ("ACQSLEWY", "slew_x_arcsec")]
)
def test_a_missing_slew_is_null_and_not_zero(tmp_path: Path, missing: str, kept: str) -> None:
    outcome = measure(write_rawacq(tmp_path, {missing: None}), write_spt(tmp_path))
    row = only_row(outcome)
    slews = {name: row[name] for name in ("slew_x_arcsec", "slew_y_arcsec")}
    assert {name for name, value in slews.items() if value is not None} == {kept}
    assert (row["v2_arcsec"], row["v3_arcsec"]) == (None, None)
    assert kept in outcome.metadata


def test_without_any_slew_there_is_a_row_without_its_number(tmp_path: Path) -> None:
    outcome = measure(write_rawacq(tmp_path, {"ACQSLEWX": None, "ACQSLEWY": -999.0}))
    row = only_row(outcome)
    assert (row["slew_x_arcsec"], row["slew_y_arcsec"]) == (None, None)
    assert not {"slew_x_arcsec", "slew_y_arcsec"} & outcome.metadata.keys()


def test_a_slew_of_zero_is_zero(tmp_path: Path) -> None:
    row = only_row(measure(write_rawacq(tmp_path, {"ACQSLEWX": 0.0, "ACQSLEWY": 0})))
    assert (row["slew_x_arcsec"], row["slew_y_arcsec"]) == (0.0, 0.0)
    assert (row["v2_arcsec"], row["v3_arcsec"]) == (0.0, 0.0)


def test_without_an_spt_file_the_guide_star_is_unknown(tmp_path: Path) -> None:
    outcome = measure(write_rawacq(tmp_path))
    row = only_row(outcome)
    assert (row["guide_star"], row["fgs"], row["second_guide_star"], row["obset_id"]) == (None,) * 4
    assert outcome.rows["osm_shifts"] == []


@pytest.mark.parametrize(
    ("star", "sensor"),
    [("N4YJ000260F1", "F1"), ("S6VG000068F3", "F3"), ("GYRO", None), ("F4", None), ("", None),
     (None, None), ("N4YJ000260f1", None), ("F1N4YJ000260", None)],
)  # fmt: skip
def test_the_sensor_is_the_end_of_the_name_of_the_star(
    tmp_path: Path, star: str | None, sensor: str | None
) -> None:
    row = only_row(measure(write_rawacq(tmp_path), write_spt(tmp_path, {"DGESTAR": star})))
    assert row["guide_star"] == (star or None)
    assert row["fgs"] == sensor == find_sensor(star)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ACQSLEWX": "far"}, "ACQSLEWX = 'far', which is no number"),
        ({"ACQSLEWY": True}, "ACQSLEWY = True, which is no number"),
        ({"PROPOSID": 12289.5}, "PROPOSID = 12289.5, which is no whole number, or too large a one"),
        (
            {"CENWAVE": 10**12},
            "CENWAVE = 1000000000000.0, which is no whole number, or too large a one",
        ),
        ({"EXPTYPE": 7}, "EXPTYPE = 7, which is no text"),
        ({"LAMPEVNT": "many"}, "LAMPEVNT = 'many', which is no number"),
    ],
)
def test_a_keyword_of_the_wrong_kind_makes_the_file_bad(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    outcome = measure(write_rawacq(tmp_path, changes), write_spt(tmp_path))
    assert outcome.status == "bad"
    assert outcome.rows == {}
    (bad,) = outcome.bad_files
    assert (bad.filename, bad.reason) == (f"{KEY}_rawacq.fits", "Bad header")
    assert bad.detail == outcome.reason == f"{KEY}_rawacq.fits has {words}."


def test_a_value_that_is_no_fits_makes_the_file_bad(tmp_path: Path) -> None:
    file = write_rawacq(tmp_path)
    content = file.path.read_bytes().replace(b"                0.653", b"              0..6x53")
    file.path.write_bytes(content)
    outcome = measure(file)
    assert outcome.status == "bad"
    assert "ACQSLEWX has a value that cannot be read" in outcome.bad_files[0].detail


def test_counts_that_are_unknown_are_null(tmp_path: Path) -> None:
    row = only_row(measure(write_rawacq(tmp_path, {"LAMPEVNT": -999}, {"NEVENTS": -1})))
    assert (row["events"], row["lamp_events"]) == (None, None)


def test_a_file_without_its_extension_is_bad(tmp_path: Path) -> None:
    file = write_rawacq(tmp_path)
    file.path.write_bytes(file.path.read_bytes()[:2880])  # whole, as FITS goes
    outcome = measure(file)
    assert outcome.status == "bad"
    assert outcome.reason == f"{KEY}_rawacq.fits has no extension, which would say when it began."


@pytest.mark.parametrize("length", [0, 100, 4000, 6000])
def test_a_file_that_ends_too_early_is_bad(tmp_path: Path, length: int) -> None:
    file = write_rawacq(tmp_path)
    file.path.write_bytes(file.path.read_bytes()[:length])
    outcome = measure(file, write_spt(tmp_path))
    assert outcome.status == "bad"
    (bad,) = outcome.bad_files
    assert (bad.filename, bad.reason) == (file.filename, "Unreadable")
    assert outcome.reason == bad.detail


def test_an_spt_file_that_ends_too_early_costs_only_the_guide_star(tmp_path: Path) -> None:
    file = write_spt(tmp_path)
    file.path.write_bytes(file.path.read_bytes()[:4000])
    outcome = measure(write_rawacq(tmp_path), file)
    assert only_row(outcome)["fgs"] is None
    assert [(bad.filename, bad.reason) for bad in outcome.bad_files] == [
        (f"{KEY}_spt.fits", "Unreadable")
    ]


def test_a_file_that_has_gone_is_missing_and_no_fault(tmp_path: Path) -> None:
    file = write_rawacq(tmp_path)
    file.path.unlink()
    outcome = measure(file)
    assert (outcome.status, outcome.bad_files) == ("missing", ())
    assert outcome.reason == f"{KEY}_rawacq.fits is not there any more."


def test_without_a_rawacq_file_there_is_nothing_to_measure(tmp_path: Path) -> None:
    outcome = measure(write_spt(tmp_path))
    assert (outcome.status, outcome.rows) == ("none", {})


def test_a_worker_can_be_sent_the_measurement_and_returns_its_outcome(tmp_path: Path) -> None:
    task = ExposureTask(KEY, (write_rawacq(tmp_path),), None)  # type: ignore[arg-type]
    function, argument = pickle.loads(pickle.dumps((measure_acquisition, task)))
    assert only_row(pickle.loads(pickle.dumps(function(argument))))["slew_x_arcsec"] == 0.653


def test_turning_the_axes_keeps_the_length_of_a_slew() -> None:
    v2, v3 = rotate_slew(0.3, -0.4)
    assert v2 is not None
    assert v3 is not None
    assert (v2**2 + v3**2) ** 0.5 == pytest.approx(0.5, rel=1e-15)
    assert rotate_slew(1.0, 1.0) == (pytest.approx(2**0.5), pytest.approx(0.0, abs=1e-15))
    assert rotate_slew(None, 1.0) == rotate_slew(1.0, None) == (None, None)

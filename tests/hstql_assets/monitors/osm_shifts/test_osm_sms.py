"""Reports of the science mission schedule, and what exposures say without them."""

from pathlib import Path

import pytest

from builders.osm_history import gather_taken
from builders.sms_report import make_sms_report
from hstql_assets.monitors.osm_shifts.moves import bound_moves, combine_moves
from hstql_assets.monitors.osm_shifts.sms import (
    Moves,
    Schedule,
    merge_moves,
    parse_report,
    read_reports,
)
from hstql_resources.archive.simulated.cos_monitoring.lamp_exposures import LampPlace
from hstql_resources.fits.errors import UnusableFileError

# Lines in the form of reports of 2010, 2011, 2016 and 2018.
HEAD = """
COS Exposure Report: SMS 160467A6

Data                                                          Exposure Start    FUV
Filename Prop  Target     PRG OB AL EX Conf Opmode    ExpTime yyyy.ddd:hh:mm:ss State   Aper   \
OSM1     OSM2    Wave FP   OSM1   OSM2 Lamp  Curr    A   B  Dop # Dur T
------------------------------------------------------------------------------------------
"""
MIRROR = (
    "lb1o04dv 11741 PG-1206+45 B1O 04 01 01 NUV  ACQ/SEARCH   25.8 2010.004:15:36:55        PSA  "
    "NCM1     MIRRORB    0  0    252     78 SCANSIZE=2 STEPSIZE=1767 FLUXWT"
)
FUV_2010 = (
    "lb6807yw 11541 HS1102+344 B68 07 0C 01 FUV  TIME-TAG     37.0 2010.008:13:00:00 HVNom  PSA  "
    "G130M    -----   1291  0    118   2380              MID MID NO  1   7 S"
)
NUV_2016 = (
    "lcwj05eg 14265 PG1718+481 CWJ 05 0H 01 NUV  TIME-TAG    696.0 2016.046:15:44:30         "
    "PSA O  NCM1     G225M   2373  1   9898   8216                      NO  1  22 S"
)
FUV_2018 = (
    "ldq01kjt 14940 DARK       DQ0 1K 01 01 FUV  TIME-TAG   1330.0 2018.016:00:00:11 163/163 "
    "PSA 4  G130M    -----   1291 -2 125111 125112              LOW LOW NO"
)
MEMORY = (
    "lbdoaley 12046            BDO AL 01 01                        2016.046:17:41:28         "
    "COS MEMORY COPY -- DCE CODE IMAGE TO CS RAM"
)
RUN_TOGETHER = "lbl205gi12315V-TW-HYABL2050101NUVACQ/PEAKXD16.02011.108:09:14:46PSANCM1G285M26760"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (MIRROR, ("lb1o04dv", 55200.650636574073, "NCM1", "MIRRORB", 252.0, 78.0)),
        (FUV_2010, ("lb6807yw", 55204.541666666664, "G130M", None, 118.0, 2380.0)),
        (NUV_2016, ("lcwj05eg", 57433.655902777778, "NCM1", "G225M", 9898.0, 8216.0)),
        (FUV_2018, ("ldq01kjt", 58134.000127314815, "G130M", None, 125111.0, 125112.0)),
    ],
)
def test_lines_of_all_years_are_read(line: str, expected: tuple[object, ...]) -> None:
    (moves,), unread = parse_report("160467a6", HEAD + line + "\n")
    exposure, start_mjd, osm1, osm2, since_osm1_s, since_osm2_s = expected
    assert (moves.exposure, moves.sms, unread) == (exposure, "160467a6", 0)
    assert moves.start_mjd == pytest.approx(start_mjd, abs=1e-9)
    assert (moves.osm1_position, moves.osm2_position) == (osm1, osm2)
    assert (moves.since_osm1_s, moves.since_osm2_s) == (since_osm1_s, since_osm2_s)


Row = tuple[object, ...]


def test_the_planned_start_is_that_of_the_exposure(real_archive: Path) -> None:
    """The lampflash file of lcwj05egq has EXPSTART = 57433.65586375."""
    ((moves,), _) = parse_report("160467a6", HEAD + NUV_2016)
    assert moves.start_mjd == pytest.approx(57433.65586375, abs=10.0 / 86400.0)


def test_other_activities_are_passed_over_and_damaged_lines_are_counted() -> None:
    moves, unread = parse_report("160467a6", HEAD + "\n".join([MEMORY, RUN_TOGETHER, MIRROR]))
    assert [one.exposure for one in moves] == ["lb1o04dv"]
    assert unread == 1
    assert parse_report("160467a6", HEAD + NUV_2016.replace("046:", "446:")) == ([], 1)


@pytest.mark.parametrize("report", ["", "Dear all,", HEAD.replace("OSM1", "OSMA"), NUV_2016])
def test_another_file_is_no_report(report: str) -> None:
    with pytest.raises(UnusableFileError):
        parse_report("160467a6", report)


def test_the_highest_version_of_a_report_counts(tmp_path: Path) -> None:
    for name, since in (("160467a6", "9898"), ("160467b1", "1111"), ("160467A9", "2222")):
        (tmp_path / f"{name}.txt").write_text(HEAD + NUV_2016.replace("9898", since))
    (tmp_path / "160467c0.csv").write_text("no report")
    (tmp_path / "170007a0.txt").write_text("no report either")
    (tmp_path / "notes").mkdir()
    schedule = read_reports(tmp_path)
    assert schedule.moves["lcwj05eg"].since_osm1_s == 1111.0
    assert schedule.reports == ("160467b1",)
    assert schedule.complaints == ("170007a0.txt has no title 'COS Exposure Report: SMS'",)


def test_the_report_of_later_days_counts(tmp_path: Path) -> None:
    (tmp_path / "160537a1.txt").write_text(HEAD + NUV_2016.replace("9898", "3333"))
    (tmp_path / "160467z9.txt").write_text(HEAD + NUV_2016)
    assert read_reports(tmp_path).moves["lcwj05eg"].sms == "160537a1"


def moves_of(exposure: str, sms: str) -> Moves:
    return Moves(exposure, sms, 58000.0, "G130M", None, 100.0, 200.0)


def test_what_was_read_before_stays_until_a_higher_version_comes() -> None:
    stored = [moves_of("lold01aa", "160467a6"), moves_of("lold02aa", "160467a6")]
    stored.append(moves_of("lold03aa", "160537a1"))
    nothing = merge_moves(stored, Schedule({}, (), ()))
    assert set(nothing) == {"lold01aa", "lold02aa", "lold03aa"}
    newer = {"lold01aa": moves_of("lold01aa", "160467b0")}
    merged = merge_moves(stored, Schedule(newer, ("160467b0",), ()))
    assert {name: one.sms for name, one in merged.items()} == {
        "lold01aa": "160467b0",
        "lold03aa": "160537a1",
    }
    older = {"lold01aa": moves_of("lold01aa", "160467a1")}
    assert merge_moves(stored, Schedule(older, ("160467a1",), ())) == nothing


def test_a_simulated_report_says_what_was_put_in() -> None:
    places = [LampPlace.locate(index) for index in range(24)]
    moves, unread = parse_report("190017a1", make_sms_report("190017a1", places))
    assert unread == 0
    assert [one.exposure for one in moves] == [place.rootname[:8] for place in places]
    for one, place in zip(moves, places, strict=True):
        assert (one.since_osm1_s, one.since_osm2_s) == (place.since_move_s,) * 2
        assert one.start_mjd == pytest.approx(place.start_mjd, abs=1.01 / 86400.0)


def taken(name: str, start_s: float, end_s: float, cenwave: int, fppos: int | None) -> Row:
    return name, 58000.0 + start_s / 86400, 58000.0 + end_s / 86400, "G130M", cenwave, fppos


def test_a_move_is_bounded_by_the_last_exposure_with_another_setting() -> None:
    exposures = [
        taken("a", 0, 100, 1291, 1),
        taken("b", 150, 200, 1291, 2),  # moved between 100 and 150
        taken("c", 300, 400, 1291, 2),
        taken("d", 500, 600, 1291, None),  # may be at any FP-POS
        taken("e", 650, 700, 1327, 2),  # moved between 600 and 650
    ]
    found = bound_moves(gather_taken(exposures[::-1]))
    assert "a" not in found
    expected = {"b": 50.0, "c": 200.0, "d": 400.0, "e": 50.0}
    assert found == pytest.approx(expected, abs=1e-4)


def test_an_exposure_within_another_has_no_bound() -> None:
    exposures = [taken("a", 0, 1000, 1291, 1), taken("b", 500, 600, 1327, 1)]
    assert bound_moves(gather_taken(exposures)) == {}
    assert bound_moves(gather_taken([])) == {}


def test_the_schedule_goes_before_a_bound_and_nothing_is_dropped_for_it() -> None:
    schedule = {"lold01aa": moves_of("lold01aa", "160467a6")}
    bounds = {"lold01aaq": 900.0, "lold02aaq": 50.0}
    found = combine_moves(["lold01aaq", "lold02aaq", "lold03aaq"], schedule, bounds)
    assert (found["lold01aaq"].osm1_s, found["lold01aaq"].osm2_s) == (100.0, 200.0)
    assert not found["lold01aaq"].is_bound
    assert (found["lold02aaq"].osm1_s, found["lold02aaq"].is_bound) == (50.0, True)
    assert "lold03aaq" not in found

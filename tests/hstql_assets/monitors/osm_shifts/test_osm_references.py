"""What LAMPTAB and WCPTAB say, where they say it, and where they do not."""

from pathlib import Path

import pytest
from astropy.io import fits

from builders.osm_files import KEY, make_task, write_lampflash, write_references
from hstql_assets.monitors.osm_shifts.measure import measure

ROW = ("FUVA", 5.0, -500.0, 0.5, True)


def write_table(path: Path, columns: dict[str, tuple[str, list[object]]]) -> Path:
    made = [fits.Column(name, form, array=values) for name, (form, values) in columns.items()]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(made)]).writeto(path)
    return path


def lamp_columns(shifts: list[float], offsets: list[int]) -> dict[str, tuple[str, list[object]]]:
    count = len(shifts)
    return {
        "SEGMENT": ("4A", ["FUVA"] * count),
        "OPT_ELEM": ("5A", ["G130M"] * count),
        "CENWAVE": ("J", [1291] * count),
        "FPOFFSET": ("J", offsets),
        "FP_PIXEL_SHIFT": ("D", shifts),
        "INTENSITY": ("16E", [[0.0] * 16] * count),
    }


def look_up(folder: Path, fppos: int = 1) -> tuple[dict[str, object], str]:
    """Measure an exposure whose LAMPTAB is lamp.fits and whose WCPTAB is wcp.fits."""
    primary = {"LAMPTAB": "lref$lamp.fits", "WCPTAB": "lref$wcp.fits", "FPPOS": fppos}
    path = folder / f"{KEY}_lampflash.fits"
    path.unlink(missing_ok=True)
    outcome = measure(make_task(write_lampflash(path, [ROW], primary), folder))
    (row,) = outcome.rows["osm_shifts"]
    return row, str(outcome.metadata["reference files"])


@pytest.mark.parametrize("fppos", [1, 2, 3, 4])
def test_each_fp_pos_has_its_own_row(tmp_path: Path, fppos: int) -> None:
    write_table(tmp_path / "lamp.fits", lamp_columns([-7.0, -8.0, 0.0, 9.0], [-2, -1, 0, 1]))
    row, _ = look_up(tmp_path, fppos)
    expected = (-7.0, -8.0, 0.0, 9.0)[fppos - 1]
    assert row["fp_pixel_shift"] == expected
    assert row["shift_without_fppos"] == -500.0 - expected


def test_two_rows_that_differ_leave_it_unknown(tmp_path: Path) -> None:
    write_table(tmp_path / "lamp.fits", lamp_columns([-7.0, -8.0], [-2, -2]))
    row, complaint = look_up(tmp_path)
    assert row["fp_pixel_shift"] is row["shift_without_fppos"] is None
    assert "has 2 different FP_PIXEL_SHIFT of FUVA, G130M, 1291, FPOFFSET -2" in complaint


def test_two_rows_that_agree_are_as_good_as_one(tmp_path: Path) -> None:
    write_table(tmp_path / "lamp.fits", lamp_columns([-7.0, -7.0], [-2, -2]))
    assert look_up(tmp_path)[0]["fp_pixel_shift"] == -7.0


def test_no_row_leaves_it_unknown(tmp_path: Path) -> None:
    write_table(tmp_path / "lamp.fits", lamp_columns([-7.0], [-1]))
    row, complaint = look_up(tmp_path)
    assert row["fp_pixel_shift"] is None
    assert "has no row of FUVA, G130M, 1291, FPOFFSET -2" in complaint


def test_a_segment_without_a_row_leaves_the_other_its_own(tmp_path: Path) -> None:
    columns = lamp_columns([-7.0], [-2])
    columns["SEGMENT"] = ("4A", ["FUVB"])
    write_table(tmp_path / "lamp.fits", columns)
    primary = {"LAMPTAB": "lref$lamp.fits", "FPPOS": 1}
    rows = [ROW, ("FUVB", 5.0, -500.0, 0.5, True)]
    path = write_lampflash(tmp_path / f"{KEY}_lampflash.fits", rows, primary)
    outcome = measure(make_task(path, tmp_path))
    found = {row["segment"]: row["shift_without_fppos"] for row in outcome.rows["osm_shifts"]}
    assert found == {"FUVA": None, "FUVB": -493.0}
    assert "has no row of FUVA" in str(outcome.metadata["reference files"])


def test_a_shift_or_range_that_is_no_number_is_unknown(tmp_path: Path) -> None:
    write_table(tmp_path / "lamp.fits", lamp_columns([float("nan")], [-2]))
    columns = {"OPT_ELEM": ("8A", ["G130M"]), "XC_RANGE": ("D", [float("inf")])}
    write_table(tmp_path / "wcp.fits", columns)
    row, complaint = look_up(tmp_path)
    assert row["fp_pixel_shift"] is row["search_range"] is None
    assert "has no row of FUVA" in complaint


def test_a_table_without_shifts_has_templates_of_each_fp_pos(tmp_path: Path) -> None:
    columns = lamp_columns([-7.0], [-2])
    del columns["FP_PIXEL_SHIFT"]
    write_table(tmp_path / "lamp.fits", columns)
    assert look_up(tmp_path)[0]["fp_pixel_shift"] == 0.0


def test_a_table_without_fp_offsets_is_of_fp_pos_3_alone(tmp_path: Path) -> None:
    columns = lamp_columns([0.0], [0])
    del columns["FPOFFSET"], columns["FP_PIXEL_SHIFT"]
    write_table(tmp_path / "lamp.fits", columns)
    assert look_up(tmp_path, 3)[0]["fp_pixel_shift"] == 0.0
    assert look_up(tmp_path, 1)[0]["fp_pixel_shift"] is None


def test_a_search_range_without_offset_is_about_zero(tmp_path: Path) -> None:
    columns = {"OPT_ELEM": ("8A", ["G130M", "G160M"]), "XC_RANGE": ("J", [271, 285])}
    write_table(tmp_path / "wcp.fits", columns)
    row, _ = look_up(tmp_path)
    assert (row["search_offset"], row["search_range"]) == (0.0, 271.0)


@pytest.mark.parametrize("gratings", [["G160M"], ["G130M", "G130M"]])
def test_a_grating_that_is_not_there_once_has_no_range(tmp_path: Path, gratings) -> None:
    columns = {"OPT_ELEM": ("8A", gratings), "XC_RANGE": ("J", [271] * len(gratings))}
    write_table(tmp_path / "wcp.fits", columns)
    row, complaint = look_up(tmp_path)
    assert row["search_offset"] is row["search_range"] is None
    assert "has not exactly one row of G130M" in complaint


def test_a_damaged_reference_file_is_named(tmp_path: Path) -> None:
    whole = write_table(tmp_path / "whole.fits", lamp_columns([0.0] * 500, [0] * 500)).read_bytes()
    (tmp_path / "lamp.fits").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "wcp.fits").write_bytes(b"no FITS at all")
    row, complaint = look_up(tmp_path)
    assert row["fp_pixel_shift"] is row["search_range"] is None
    assert "The reference file lamp.fits ends after" in complaint
    assert "The reference file wcp.fits is not FITS" in complaint


def test_a_newer_file_of_the_same_name_is_read_anew(tmp_path: Path) -> None:
    path = write_table(tmp_path / "lamp.fits", lamp_columns([-7.0], [-2]))
    assert look_up(tmp_path)[0]["fp_pixel_shift"] == -7.0
    path.unlink()
    write_table(path, lamp_columns([-9.0], [-2]))
    assert look_up(tmp_path)[0]["fp_pixel_shift"] == -9.0


def test_the_simulated_reference_files_are_whole(tmp_path: Path) -> None:
    paths = sorted(write_references(tmp_path / "lref").iterdir())
    assert len(paths) == 4
    for path in paths:
        with fits.open(path) as hdus:
            hdus.verify("exception")
            assert hdus[0].header["SIMULATD"] is True

"""From a lampflash file to rows: real files, order of flashes, and files that cannot be used."""

import gzip
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from builders.osm_files import KEY, SilentArchive, make_task, write_lampflash, write_references
from hstql_assets.batching.pictures import Picture
from hstql_assets.monitors.osm_shifts.lampflash_file import SAME_FLASH_S, number_flashes
from hstql_assets.monitors.osm_shifts.measure import measure
from hstql_resources.archive import ArchiveError
from hstql_resources.tables import OsmShift

COSMO_SET = ("lb4c10niq", "lbhx26fmq", "lcwj02qvq", "lcwj05egq", "ld1ce1rcq", "ld1ce2j1q")
GOOD = [("FUVA", 5.0, -500.0, 0.5, True), ("FUVB", 5.2, -501.0, 0.4, True)]


def rows_of(outcome) -> list[dict[str, object]]:
    assert outcome.status == "made", outcome.reason
    return outcome.rows["osm_shifts"]


def lamp_path(folder: Path) -> Path:
    return folder / f"{KEY}_lampflash.fits"


def test_every_real_file_gives_the_values_of_its_table(real_archive: Path) -> None:
    paths = sorted(real_archive.glob("*/*/*_lampflash.fits*"))
    assert {path.name[:9] for path in paths} >= set(COSMO_SET)
    for path in paths:
        rows = rows_of(measure(make_task(path, real_archive.parent / "references")))
        with fits.open(path) as hdus:
            header, table, mjd = hdus[0].header, hdus[1].data, hdus[1].header["EXPSTART"]
        assert len(rows) == len(table)
        assert set(rows[0]) == set(OsmShift.__table__.columns.keys())
        found = {(row["segment"], row["time_s"]): row for row in rows}
        for line in table:
            row = found[line["SEGMENT"], float(line["TIME"])]
            assert row["shift_disp"] == float(line["SHIFT_DISP"])
            assert row["shift_xdisp"] == float(line["SHIFT_XDISP"])
            assert row["is_found"] is bool(line["SPEC_FOUND"])
            assert row["exp_start_mjd"] == mjd
            assert (row["rootname"], row["filetype"]) == (path.name[:9], "lampflash")
            keywords = ("DETECTOR", "OPT_ELEM", "CENWAVE", "FPPOS", "LIFE_ADJ", "PROPOSID")
            columns = ("detector", "opt_elem", "cenwave", "fppos", "life_adj", "proposal_id")
            assert [row[name] for name in columns] == [header[name] for name in keywords]


def test_the_fp_pos_is_taken_out_as_real_tables_have_it(real_archive: Path) -> None:
    references = real_archive.parent / "references"
    for path in real_archive.glob("*/*/*_lampflash.fits*"):
        header = fits.getheader(path)
        names = [Path(header[key].rpartition("$")[2]).name for key in ("LAMPTAB", "WCPTAB")]
        files = [next(iter(references.glob(name + "*")), None) for name in names]
        for row in rows_of(measure(make_task(path, references))):
            if files[0] is None:
                assert row["fp_pixel_shift"] is row["shift_without_fppos"] is None
                continue
            lamp = fits.getdata(files[0], 1)
            is_one = (
                (lamp["SEGMENT"] == row["segment"])
                & (lamp["OPT_ELEM"] == row["opt_elem"])
                & (lamp["CENWAVE"] == row["cenwave"])
                & (lamp["FPOFFSET"] == row["fppos"] - 3)
            )
            (shift,) = lamp["FP_PIXEL_SHIFT"][is_one]
            assert row["fp_pixel_shift"] == shift
            assert row["shift_without_fppos"] == row["shift_disp"] - shift
            search = fits.getdata(files[1], 1)
            (line,) = search[search["OPT_ELEM"] == row["opt_elem"]]
            has_offset = "SEARCH_OFFSET" in search.names
            assert row["search_range"] == line["XC_RANGE"]
            assert row["search_offset"] == (line["SEARCH_OFFSET"] if has_offset else 0.0)


def test_segments_of_one_flash_have_one_number_in_real_files(real_archive: Path) -> None:
    (path,) = real_archive.glob("ld1c/ld1ce1rcq/*_lampflash.fits*")
    numbers = {
        (row["segment"], row["flash"]): row["time_s"] for row in rows_of(measure(make_task(path)))
    }
    assert set(numbers) == {("FUVA", 1), ("FUVB", 1), ("FUVA", 2), ("FUVB", 2)}
    for number in (1, 2):
        assert abs(numbers["FUVA", number] - numbers["FUVB", number]) < 1.0
    (path,) = real_archive.glob("lb4c/lb4c10niq/*_lampflash.fits*")
    rows = rows_of(measure(make_task(path)))
    assert sorted((row["flash"], row["segment"]) for row in rows) == [
        (number, stripe) for number in (1, 2) for stripe in ("NUVA", "NUVB", "NUVC")
    ]


@given(
    st.permutations([(s, n) for s in ("NUVA", "NUVB", "NUVC") for n in range(5)]),
    st.sets(st.integers(0, 14), max_size=8),
)
def test_flashes_are_numbered_by_time_whatever_the_order_of_rows(rows, missing) -> None:
    """A stripe that missed a flash is numbered like the others."""
    kept = [row for number, row in enumerate(rows) if number not in missing]
    seen = sorted({number for _, number in kept})
    times = [600.0 * number + 0.3 * ord(stripe[-1]) for stripe, number in kept]
    numbers = number_flashes([stripe for stripe, _ in kept], times)
    assert numbers == [seen.index(number) + 1 for _, number in kept]


def test_rows_far_apart_are_no_flash_together(tmp_path: Path) -> None:
    numbers = number_flashes(["FUVA", "FUVB"], [5.0, 5.0 + SAME_FLASH_S + 0.1])
    assert numbers == [1, 2]
    assert number_flashes(["FUVA", "FUVB"], [5.0, 5.0 + SAME_FLASH_S]) == [1, 1]


def test_a_lamp_that_was_not_found_keeps_its_row(tmp_path: Path) -> None:
    rows = [*GOOD, ("FUVB", 600.0, -501.0, 0.4, False)]
    made = rows_of(measure(make_task(write_lampflash(lamp_path(tmp_path), rows))))
    assert [(row["flash"], row["is_found"]) for row in made] == [(1, True), (1, True), (2, False)]


def test_a_shift_that_is_no_number_becomes_null(tmp_path: Path) -> None:
    rows = [("FUVA", 5.0, np.nan, 0.5, True), ("FUVB", 5.2, -501.0, np.inf, True)]
    first, second = rows_of(measure(make_task(write_lampflash(lamp_path(tmp_path), rows))))
    assert first["shift_disp"] is first["shift_without_fppos"] is None
    assert first["shift_xdisp"] == 0.5
    assert second["shift_xdisp"] is None


def test_without_spec_found_nothing_is_said_of_it(tmp_path: Path) -> None:
    path = write_lampflash(lamp_path(tmp_path), GOOD, leave_out=("SPEC_FOUND", "GROSS"))
    outcome = measure(make_task(path))
    assert [row["is_found"] for row in rows_of(outcome)] == [None, None]
    assert "picture" not in outcome.metadata


def test_keywords_that_are_missing_become_null(tmp_path: Path) -> None:
    primary = {
        "FPPOS": "three",
        "LIFE_ADJ": 1.5,
        "CENWAVE": 10**12,
        "OPT_ELEM": "",
        "LAMPTAB": "N/A",
    }
    outcome = measure(make_task(write_lampflash(lamp_path(tmp_path), GOOD, primary)))
    row = rows_of(outcome)[0]
    assert row["fppos"] is row["life_adj"] is row["opt_elem"] is None
    assert row["cenwave"] is None  # more than the database holds
    assert "The header names no LAMPTAB." in outcome.metadata["reference files"]


@pytest.mark.parametrize(
    ("rows", "primary", "leave_out", "reason", "words"),
    [
        ([], {}, (), "No flashes", "has 0 rows of LAMPFLASH."),
        ([("FUVC", 1.0, 0.0, 0.0, True)], {}, (), "Unknown segment", "'FUVC' of detector 'FUV'."),
        (GOOD, {"DETECTOR": "NUV"}, (), "Unknown segment", "'FUVA' of detector 'NUV'."),
        (GOOD, {"DETECTOR": "XUV"}, (), "Unknown segment", "detector 'XUV'."),
        (GOOD, {}, ("TIME",), "Unreadable", "LAMPFLASH has no column TIME."),
        (GOOD, {}, ("SHIFT_DISP",), "Unreadable", "LAMPFLASH has no column SHIFT_DISP."),
        ([*GOOD, ("FUVA", np.nan, 0.0, 0.0, True)], {}, (), "No time", "1 of 3 flashes"),
    ],
)  # fmt: skip
def test_a_file_without_usable_flashes_is_bad(
    tmp_path: Path, rows, primary, leave_out, reason, words
) -> None:
    path = write_lampflash(lamp_path(tmp_path), rows, primary, leave_out)
    outcome = measure(make_task(path))
    assert outcome.status == "bad"
    (bad,) = outcome.bad_files
    assert bad.reason == reason
    assert words in bad.detail
    assert outcome.reason == bad.detail
    assert bad.filename == path.name


@pytest.mark.parametrize(
    ("name", "form", "values", "words"),
    [
        ("SEGMENT", "J", [1, 2], "has no text in the column SEGMENT."),
        ("TIME", "8A", ["soon", "late"], "LAMPFLASH has no numbers in the column TIME."),
        ("SPEC_FOUND", "2L", [[True, True], [True, True]], None),
        ("GROSS", "3A", ["all", "any"], None),
    ],
)
def test_a_column_of_another_kind_makes_the_file_bad_only_if_it_is_needed(
    tmp_path: Path, name: str, form: str, values: list[object], words: str | None
) -> None:
    path = write_lampflash(lamp_path(tmp_path), GOOD)
    with fits.open(path) as hdus:
        others = [one for one in hdus[1].columns if one.name != name]
        column = fits.Column(name, form, array=np.array(values))
        table = fits.BinTableHDU.from_columns([*others, column], name="LAMPFLASH")
        fits.HDUList([hdus[0].copy(), table]).writeto(path, overwrite=True)
    outcome = measure(make_task(path))
    assert outcome.status == ("made" if words is None else "bad")
    assert words is None or words in str(outcome.reason)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4, 0.97])
def test_a_truncated_file_is_bad(tmp_path: Path, share: float) -> None:
    whole = write_lampflash(lamp_path(tmp_path), GOOD * 400).read_bytes()
    path = tmp_path / "lwtest02q_lampflash.fits"
    path.write_bytes(whole[: int(share * len(whole))])
    zipped = tmp_path / "lwtest03q_lampflash.fits.gz"
    zipped.write_bytes(gzip.compress(whole)[: int(share * len(gzip.compress(whole)))])
    for one in (path, zipped):
        outcome = measure(make_task(one))
        assert (outcome.status, outcome.bad_files[0].reason) == ("bad", "Unreadable")


def test_a_file_that_is_gone_is_no_verdict_on_the_data(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        measure(make_task(lamp_path(tmp_path)))


def test_a_file_of_another_kind_is_bad(tmp_path: Path) -> None:
    path = lamp_path(tmp_path)
    fits.HDUList([fits.PrimaryHDU()]).writeto(path)
    assert "has no LAMPFLASH table" in measure(make_task(path)).reason


def test_an_archive_that_does_not_answer_decides_nothing(tmp_path: Path) -> None:
    """What is then noted of the key is a matter of all assets."""
    path = write_lampflash(lamp_path(tmp_path), GOOD)
    with pytest.raises(ArchiveError):
        measure(make_task(path, archive=SilentArchive()))


def test_what_goes_to_a_worker_and_comes_back_can_be_pickled(tmp_path: Path) -> None:
    path = write_lampflash(lamp_path(tmp_path), GOOD)
    task = pickle.loads(pickle.dumps(make_task(path, write_references(tmp_path / "lref"))))
    outcome = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(measure))(task)))
    assert [row["fp_pixel_shift"] for row in rows_of(outcome)] == [-514.08, -515.86]
    assert isinstance(outcome.metadata["picture"], Picture)


def test_the_monitor_says_what_it_is_without_drawing_libraries() -> None:
    code = (
        "import sys, hstql_assets.monitors.framework.monitor; before = set(sys.modules);"
        "from hstql_assets.monitors.osm_shifts.monitor import MONITOR;"
        "heavy = ('astropy', 'scipy', 'bokeh', 'matplotlib');"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(new & set(heavy)), MONITOR.trends[0].name)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "osm_shift_monitor"]

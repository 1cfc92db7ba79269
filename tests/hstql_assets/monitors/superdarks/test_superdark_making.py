"""Superdarks of made frames: an unbiased dark, hot pixels found, versions, and reasons."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from builders.dark_frames import (
    EXPOSURE_S,
    FIRST_MJD,
    KEY,
    DarkTruth,
    make_task,
    make_truth,
    open_superdark,
    write_darks,
)
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.superdarks.measure import make_superdarks
from hstql_resources.tables import Base

TRUTH = make_truth()


def make(home: Path, files: Any, key: str = KEY) -> Outcome:
    outcome = make_superdarks(make_task(home, files, key))
    assert outcome.status == "made"
    for table, rows in outcome.rows.items():
        columns = Base.metadata.tables[table].columns.keys()
        assert all(sorted(row) == sorted(columns) for row in rows), table
    return outcome


def reasons(outcome: Outcome) -> list[str]:
    return [
        str(row["reason"]) for row in outcome.rows["exposure_set_members"] if row["reason"]
    ]  # fmt: skip


def read_chips(row: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with open_superdark(row) as hdus:
        return tuple(np.stack([hdus[name, one].data for one in (1, 2)]) for name in  # type: ignore[return-value]
                     ("SCI", "ERR", "DQ"))  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("darks")
    return make(folder / "home", write_darks(folder, 14, TRUTH))


def test_the_dark_current_is_unbiased_and_its_errors_are_right(made: Outcome) -> None:
    science, error, flags = read_chips(made.rows["superdarks"][0])
    cold = (flags == 0) & ~TRUTH.is_hot
    pulls = (science - TRUTH.rates)[cold] / error[cold]
    assert abs(float(pulls.mean())) < 0.06
    assert float(pulls.std()) == pytest.approx(1.0, abs=0.06)
    level = TRUTH.rates[cold].mean()
    assert float(science[cold].mean()) == pytest.approx(level, rel=0.03)


def test_hot_pixels_are_found_and_keep_their_own_value(made: Outcome) -> None:
    science, _, flags = read_chips(made.rows["superdarks"][0])
    is_hot = (flags & 16) != 0
    assert (is_hot & TRUTH.is_hot).sum() / TRUTH.is_hot.sum() > 0.97
    assert (is_hot & TRUTH.is_hot).sum() / is_hot.sum() > 0.97
    bright = TRUTH.is_hot & (TRUTH.rates > 1.0)
    ratio = science[bright] / TRUTH.rates[bright]
    assert abs(float(np.median(ratio)) - 1.0) < 0.01


def test_rows_say_what_the_file_has(made: Outcome) -> None:
    rows = made.rows["superdarks"]
    assert [row["chip"] for row in rows] == [2, 1]
    _, _, flags = read_chips(rows[0])
    assert [row["hot_pixels"] for row in rows] == [int(((one & 16) > 0).sum()) for one in flags]
    assert {row["frames"] for row in rows} == {14}
    assert {row["previous"] for row in rows} == {None}
    assert reasons(made) == []


def test_the_file_is_one_that_calwf3_accepts(made: Outcome) -> None:
    path = Path(str(made.rows["superdarks"][0]["path"]))
    with fits.open(path, checksum=True) as hdus:  # a warning is an error in these tests
        hdus.verify("exception")
        primary = hdus[0].header
        # CheckImgType and CheckDetector of lib/gettabref and getflags: begins with, and begins.
        assert primary["FILETYPE"].startswith("DARK")
        assert "UVIS".startswith(primary["DETECTOR"])
        # ImgPedigree: not DUMMY, and with dates.
        pedigree, first, last = primary["PEDIGREE"].split()
        assert (pedigree, first, last) == ("INFLIGHT", "24/05/2018", "26/05/2018")
        # DetCCDChip: NEXTEND over three image sets, CCDCHIP in each; SingleGroup: SCI, ERR, DQ.
        assert primary["NEXTEND"] == len(hdus) - 1 == 6
        names = [(hdu.name, hdu.ver) for hdu in hdus[1:]]
        assert names == [(name, one) for one in (1, 2) for name in ("SCI", "ERR", "DQ")]
        assert [hdus["SCI", one].header["CCDCHIP"] for one in (1, 2)] == [2, 1]
        # FindLine: one size, no offset, binning as that of the image.
        for hdu in hdus[1:]:
            assert (hdu.header["BINAXIS1"], hdu.header["LTV1"], hdu.header["LTV2"]) == (1, 0, 0)
        # hstio: pixels of floats and of short integers.
        assert {hdu.header["BITPIX"] for hdu in hdus[1:] if hdu.name == "DQ"} == {16}
        assert {hdu.header["BITPIX"] for hdu in hdus[1:] if hdu.name != "DQ"} == {-32}
        assert all(np.isfinite(hdu.data).all() for hdu in hdus[1:])
        expected = {"CCDAMP": "ANY", "APERTURE": "UVIS", "SAMP_SEQ": "NONE", "EXPTIME": 1.0,
                    "SUBTYPE": "FullImag", "USEAFTER": "May 24 2018 02:24:00"}  # fmt: skip
        assert {name: primary[name] for name in expected} == expected
        assert len(primary["DESCRIP"]) == 67


def test_a_pixel_that_is_bad_in_all_darks_does_not_become_good(tmp_path: Path) -> None:
    flags = np.zeros(TRUTH.rates.shape, np.int16)
    flags[0, 10, 20], flags[1, 3, 4], flags[0, 5, 5] = 256, 256 | 16, 16
    flags[0, 7, 7] = 4 | 512
    truth = DarkTruth(TRUTH.rates.copy(), TRUTH.is_hot)
    truth.rates[0, 10, 20] = 60.0
    truth.rates[1, 3, 4] = truth.rates[0, 5, 5] = 0.002
    files = write_darks(tmp_path, 6, truth, flags=flags)
    science, error, found = read_chips(make(tmp_path / "home", files).rows["superdarks"][0])
    assert found[0, 10, 20] == 4 | 16
    assert found[1, 3, 4] & 4
    assert found[0, 5, 5] == 0  # whether it is hot the darks say
    assert found[0, 7, 7] & ~16 == 4 | 512
    assert np.isfinite(science).all()
    assert np.isfinite(error).all()
    assert science[0, 10, 20] == pytest.approx(60.0, rel=0.1)


def test_a_version_is_never_written_over_and_says_what_is_worse(tmp_path: Path) -> None:
    home = tmp_path / "home"
    files = write_darks(tmp_path, 8, TRUTH)
    first = make(home, files).rows["superdarks"]
    assert make(home, files).rows["superdarks"][0]["filename"] == first[0]["filename"]
    content = Path(str(first[0]["path"])).read_bytes()
    fewer = make(home, dict(list(files.items())[:6]))
    rows = fewer.rows["superdarks"]
    assert Path(str(first[0]["path"])).read_bytes() == content
    assert [row["filename"] for row in rows[:2]] == [first[0]["filename"]] * 2
    assert rows[2]["previous"] == first[0]["filename"]
    assert "6 darks instead of 8" in str(rows[2]["remark"])
    assert "6 darks instead of 8" in fewer.remarks[0]
    assert rows[2]["new_hot"] is not None
    assert abs(float(str(rows[2]["median_difference"]))) < 0.002
    with fits.open(str(rows[2]["path"])) as hdus:
        assert "6 darks" in " ".join(map(str, hdus[0].header["HISTORY"]))


def test_what_cannot_be_used_has_a_reason_and_the_rest_goes_on(tmp_path: Path) -> None:
    changes: dict[int, dict[str, object]] = {
        0: {"BINAXIS1": 2, "BINAXIS2": 2},
        1: {"SUBARRAY": True},
        2: {"CCDGAIN": 1.0},
        3: {"SHUTRPOS": "B"},
        4: {"FLSHCORR": "OMIT"},
        5: {"DARKTIME": 450.0},
        6: {"EXPFLAG": "INDETERMINATE"},
        7: {"DARKCORR": "COMPLETE"},
        8: {"EXPTIME": 500.0},
        9: {"SHUTRPOS": ""},
        10: {"BIASCORR": "OMIT"},
        11: {"FLASHLVL": 20.0},
    }
    files = write_darks(tmp_path, 20, TRUTH, changes=changes)
    path = files["id010012q"][0].path
    path.write_bytes(path.read_bytes()[:20000])
    outcome = make(tmp_path / "home", files)
    assert reasons(outcome) == [
        "binning", "subarray", "gain", "shutter", "no flash file", "dark time", "exposure flag",
        "dark subtracted", "exposure time", "shutter", "step left out", "flash level", "unreadable",
    ]  # fmt: skip
    assert outcome.rows["superdarks"][0]["frames"] == 7
    assert "1 unreadable" in str(outcome.metadata["not_used"])


def test_darks_of_the_other_side_of_the_shutter_with_their_own_flash_file_are_used(
    tmp_path: Path,
) -> None:
    other = {"SHUTRPOS": "B", "FLSHFILE": "iref$flash_b.fits"}
    files = write_darks(tmp_path, 6, TRUTH, changes={0: dict(other), 3: dict(other)})
    assert reasons(make(tmp_path / "home", files)) == []


@pytest.mark.parametrize("number", [0, 1, 2])
def test_too_few_darks_make_no_file(number: int, tmp_path: Path) -> None:
    outcome = make(tmp_path / "home", write_darks(tmp_path, number, TRUTH))
    assert reasons(outcome) == ["too few darks"] * number
    assert outcome.rows["superdarks"] == []
    assert not list(tmp_path.glob("home/**/*.fits"))


def test_pixels_that_are_not_hot_have_the_mean_of_all_darks_of_the_period(tmp_path: Path) -> None:
    home = tmp_path / "home"
    early = write_darks(tmp_path, 10, TRUTH, seed=5, name="ie01", first_mjd=FIRST_MJD - 5.0)
    make(home, early, "superdarks_uvis_2018-05-19")  # the anneal's own day: a tile
    alone = make(tmp_path / "other", write_darks(tmp_path, 10, TRUTH))
    (tmp_path / "again").mkdir()
    rows = make(home, write_darks(tmp_path / "again", 10, TRUTH)).rows["superdarks"]
    assert (rows[0]["frames"], rows[0]["master_frames"]) == (10, 20)
    science, error, flags = read_chips(rows[0])
    cold = (flags == 0) & ~TRUTH.is_hot
    _, error_alone, _ = read_chips(alone.rows["superdarks"][0])
    assert float(np.median(error[cold] / error_alone[cold])) == pytest.approx(0.71, abs=0.03)
    pulls = (science - TRUTH.rates)[cold] / error[cold]
    assert float(pulls.std()) == pytest.approx(1.0, abs=0.06)


def test_cte_corrected_frames_have_a_file_of_their_own(tmp_path: Path) -> None:
    files = write_darks(tmp_path, 5, TRUTH)
    corrected = write_darks(tmp_path, 5, TRUTH, filetype="flc")
    both = {name: (*files[name], *corrected[name]) for name in files}
    rows = make(tmp_path / "home", both).rows["superdarks"]
    assert [row["filetype"] for row in rows] == ["DARK"] * 2 + ["CTEDARK"] * 2
    assert str(rows[-1]["filename"]).endswith("_dkc.fits")


def test_a_dark_of_acs_is_scaled_by_its_dark_time(tmp_path: Path) -> None:
    cards = {"INSTRUME": "ACS", "DETECTOR": "WFC", "EXPTIME": 1000.0, "DARKTIME": EXPOSURE_S * 1.2,
             "SHUTRPOS": ""}  # fmt: skip
    files = write_darks(tmp_path, 5, TRUTH, changes=dict.fromkeys(range(5), cards))
    outcome = make(tmp_path / "home", files, "superdarks_wfc_2018-05-21")
    science, _, flags = read_chips(outcome.rows["superdarks"][0])
    cold = (flags == 0) & ~TRUTH.is_hot
    expected = TRUTH.rates[cold].mean() / 1.2
    assert float(science[cold].mean()) == pytest.approx(expected, rel=0.05)

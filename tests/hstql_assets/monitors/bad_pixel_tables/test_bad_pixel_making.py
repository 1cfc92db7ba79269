"""Tables of made superdarks: who is bad is found, the file is one that hstcal takes, versions."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray

from builders.camera_files import write_camera_file
from builders.dark_frames import KEY, DarkTruth, make_task, make_truth, write_darks
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.bad_pixel_tables.measure import TableTask, make_bad_pixel_table
from hstql_assets.monitors.bad_pixel_tables.reference_file import read_table
from hstql_assets.monitors.bad_pixel_tables.runs import apply_runs
from hstql_assets.monitors.superdarks.measure import make_superdarks
from hstql_resources.filesystem import Filesystem
from hstql_resources.tables import Base

DARK, HOT, UNSTABLE, WARM = 4, 16, 32, 64


def make_bad_truth() -> DarkTruth:
    """Make hot pixels, warm ones, a dead column and dead pixels, and some that vary by half."""
    truth = make_truth(seed=6)
    rng = np.random.default_rng(7)
    lot = rng.random(truth.rates.shape)
    is_warm = (lot < 0.01) & ~truth.is_hot
    rates = np.where(is_warm, 0.011, truth.rates)
    is_dead = (lot > 0.998) & ~truth.is_hot
    is_dead[0, :, 30] = True
    varies = (lot > 0.3) & (lot < 0.31) & ~truth.is_hot & ~is_dead
    flicker = np.where(varies, 0.1, 0.0)
    return DarkTruth(rates, truth.is_hot & ~is_dead, is_dead, flicker)


TRUTH = make_bad_truth()
IS_WARM = (TRUTH.rates == 0.011) & ~TRUTH.is_dead


def make(home: Path, files: Any, key: str = KEY) -> Outcome:
    """Make the superdark of a window, and its table."""
    dark = make_superdarks(make_task(home, files, key)).rows["superdarks"][-1]
    outcome = make_bad_pixel_table(TableTask(key, Path(str(dark["path"])), Filesystem(home)))
    assert outcome.status == "made"
    columns = Base.metadata.tables["bad_pixel_tables"].columns.keys()
    assert all(sorted(row) == sorted(columns) for row in outcome.rows["bad_pixel_tables"])
    return outcome


def path_of(outcome: Outcome, number: int = -1) -> Path:
    return Path(str(outcome.rows["bad_pixel_tables"][number]["path"]))


def flags_of(path: Path) -> NDArray[np.int16]:
    """Return the flags of both chips, in the order of the truth."""
    found = read_table(path)
    return np.stack([apply_runs(found[chip].runs, found[chip].shape) for chip in (2, 1)])


def compare(flags: NDArray[np.bool_], truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Return purity and completeness."""
    both = np.count_nonzero(flags & truth)
    return both / np.count_nonzero(flags), both / np.count_nonzero(truth)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("darks")
    return make(folder / "home", write_darks(folder, 20, TRUTH))


def test_bad_pixels_of_each_kind_are_found(made: Outcome) -> None:
    flags = flags_of(path_of(made))
    varies = np.asarray(TRUTH.flicker) > 0
    is_hot = TRUTH.is_hot | varies
    # A ray that is too faint to be left out of hot pixels makes some warm ones hot.
    found = {
        "hot": compare((flags & HOT) != 0, is_hot | IS_WARM)[0],
        "all hot": compare((flags & HOT) != 0, is_hot)[1],
        "warm": compare((flags & WARM) != 0, IS_WARM)[0],
        "all warm": compare((flags & (WARM | HOT)) != 0, IS_WARM)[1],
        "unstable": compare((flags & UNSTABLE) != 0, varies)[0],
        "all unstable": compare((flags & UNSTABLE) != 0, varies)[1],
        "dead": compare((flags & DARK) != 0, np.asarray(TRUTH.is_dead))[0],
        "all dead": compare((flags & DARK) != 0, np.asarray(TRUTH.is_dead))[1],
    }
    least = {"hot": 0.97, "all hot": 0.97, "warm": 0.97, "all warm": 0.6, "unstable": 0.95,
             "all unstable": 0.9, "dead": 0.97, "all dead": 0.97}  # fmt: skip
    assert {name: share for name, share in found.items() if share < least[name]} == {}


def test_rows_count_what_the_table_has(made: Outcome) -> None:
    flags = flags_of(path_of(made))
    for own, row in zip(flags[::-1], made.rows["bad_pixel_tables"], strict=True):
        assert row["flagged_pixels"] == np.count_nonzero(own)
        for name, flag in (("hot", HOT), ("warm", WARM), ("unstable", UNSTABLE)):
            assert row[f"{name}_pixels"] == np.count_nonzero(own & flag)
        dark = np.count_nonzero(own & DARK)
        assert int(str(row["dead_pixels"])) + int(str(row["unknown_pixels"])) == dark
        assert row["pixels"] == own.size


def test_the_file_is_one_that_the_pipelines_and_crds_take(made: Outcome) -> None:
    with fits.open(path_of(made), checksum=True) as hdus:  # a warning is an error in these tests
        hdus.verify("exception")
        primary, table = hdus[0].header, hdus[1]
        # TabPedigree reads these from the primary header; DUMMY would skip the step.
        assert primary["FILETYPE"] == "BAD PIXELS"
        assert primary["PEDIGREE"] == "INFLIGHT 24/05/2018 26/05/2018"
        assert len(primary["DESCRIP"]) == 67
        # CRDS: of the primary header, and dates as &SYBDATE.
        assert (primary["INSTRUME"], primary["DETECTOR"]) == ("WFC3", "UVIS")
        assert primary["USEAFTER"] == "May 24 2018 02:24:00"
        assert primary["NEXTEND"] == len(hdus) - 1 == 1
        check_table(table)
        assert (table.header["SIZAXIS1"], table.header["SIZAXIS2"]) == (160, 120)
        history = " ".join(map(str, primary["HISTORY"]))
        assert "drk.fits" in history
        assert "unstable" in history


def check_table(table: Any) -> None:
    """Check what OpenBpixTab and ReadBpixTab do, and what CRDS asks of columns."""
    rows = table.data
    assert len(rows) >= 1  # of an empty table the columns are not looked for
    assert {"CCDCHIP", "PIX1", "PIX2", "LENGTH", "AXIS", "VALUE"} <= set(table.columns.names)
    assert set(rows["AXIS"]) <= {1, 2}
    assert rows["LENGTH"].min() > 0
    assert rows["PIX1"].min() >= 1
    assert rows["PIX2"].min() >= 1
    assert set(rows["CCDCHIP"]) <= {1, 2, -999}
    assert set(rows["CCDAMP"]) == {"N/A"}  # holds for all
    assert set(rows["CCDGAIN"]) == {-999.0}
    kinds = {name: rows.dtype[name].kind for name in ("CCDCHIP", "PIX1", "LENGTH", "AXIS", "VALUE")}
    assert set(kinds.values()) == {"i"}
    keys = [tuple(row) for row in np.stack([rows["CCDCHIP"], rows["PIX1"], rows["PIX2"]], axis=1)]
    assert len(set(keys)) == len(keys)


def test_a_pixel_that_is_bad_in_all_darks_is_bad_in_the_table(tmp_path: Path) -> None:
    flags = np.zeros(TRUTH.rates.shape, np.int16)
    flags[0, 11, 20] = 256
    truth = DarkTruth(np.full(flags.shape, 0.002), np.zeros(flags.shape, np.bool_))
    outcome = make(tmp_path / "home", write_darks(tmp_path, 6, truth, flags=flags))
    assert flags_of(path_of(outcome))[0, 11, 20] & DARK
    by_chip = {row["chip"]: row for row in outcome.rows["bad_pixel_tables"]}
    assert by_chip[2]["dead_pixels"] == 0
    assert int(str(by_chip[2]["unknown_pixels"])) >= 1  # rays hit some in all six, too


def test_a_version_is_never_written_over_and_says_what_is_worse(tmp_path: Path) -> None:
    home, files = tmp_path / "home", write_darks(tmp_path, 8, TRUTH)
    first = make(home, files)
    content = path_of(first).read_bytes()
    assert path_of(make(home, files)) == path_of(first)
    fewer = make(home, dict(list(files.items())[:6]))
    assert path_of(first).read_bytes() == content
    assert [row["previous"] for row in fewer.rows["bad_pixel_tables"]] == [
        None, None, path_of(first).name, path_of(first).name
    ]  # fmt: skip
    row = fewer.rows["bad_pixel_tables"][-1]
    assert "6 darks instead of 8" in str(row["remark"])
    assert "6 darks instead of 8" in fewer.remarks[0]
    changed = flags_of(path_of(first)) != 0, flags_of(path_of(fewer)) != 0
    own = tuple(one[2 - int(str(row["chip"]))] for one in changed)
    assert row["new_pixels"] == np.count_nonzero(own[1] & ~own[0])
    assert row["gone_pixels"] == np.count_nonzero(own[0] & ~own[1])
    assert "6 darks" in " ".join(map(str, fits.getheader(path_of(fewer))["HISTORY"]))


def test_without_a_flash_dead_pixels_are_not_told_and_that_is_said(tmp_path: Path) -> None:
    home = tmp_path / "home"
    make(home, write_darks(tmp_path, 5, TRUTH))
    (tmp_path / "dim").mkdir()
    cards: dict[str, object] = {"FLASHLVL": 0.0, "FLSHCORR": "OMIT"}
    dim = write_darks(tmp_path / "dim", 6, TRUTH, changes={one: dict(cards) for one in range(6)})
    row = make(home, dim).rows["bad_pixel_tables"][-1]
    assert row["dead_pixels"] is None
    assert "without a post-flash dead pixels are not told (chip 1, 2)" in str(row["remark"])


def test_where_nothing_is_bad_there_is_no_table(tmp_path: Path) -> None:
    cards: dict[str, object] = {"INSTRUME": "WFC3", "DETECTOR": "UVIS", "NFRAMES": 8}
    chips: Any = [(np.zeros((4, 6), np.float32), None, {"CCDCHIP": chip}) for chip in (2, 1)]
    source = write_camera_file(tmp_path, "superdarks_drk.fits", cards, chips).path
    outcome = make_bad_pixel_table(TableTask(KEY, source, Filesystem(tmp_path)))
    assert (outcome.status, outcome.rows["bad_pixel_tables"]) == ("made", [])
    assert "none without rows" in outcome.remarks[0]
    assert not list(tmp_path.glob("**/*_bpx.fits"))


def test_a_superdark_that_is_gone_or_cut_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "superdark_drk.fits"
    task = TableTask(KEY, path, Filesystem(tmp_path))
    assert make_bad_pixel_table(task).status == "missing"
    path.write_bytes(b"SIMPLE  =")
    outcome = make_bad_pixel_table(task)
    assert (outcome.status, outcome.rows) == ("missing", {})
    assert "superdark_drk.fits" in str(outcome.reason)


def test_a_binned_superdark_of_acs_has_the_pixels_of_its_detector(tmp_path: Path) -> None:
    cards = {"INSTRUME": "ACS", "DETECTOR": "WFC", "EXPTIME": 1000.0, "DARKTIME": 1003.0,
             "SHUTRPOS": "", "BINAXIS1": 8, "BINAXIS2": 8}  # fmt: skip
    truth = replace(TRUTH, rates=TRUTH.rates * 10.0, flicker=None)
    files = write_darks(tmp_path, 5, truth, changes=dict.fromkeys(range(5), cards))
    outcome = make(tmp_path / "home", files, "superdarks_wfc_2018-05-21")
    with fits.open(path_of(outcome)) as hdus:
        assert (hdus[0].header["INSTRUME"], hdus[0].header["DETECTOR"]) == ("ACS", "WFC")
        assert (hdus[1].header["SIZAXIS1"], hdus[1].header["SIZAXIS2"]) == (1280, 960)
        check_table(hdus[1])
    found = flags_of(path_of(outcome))
    np.testing.assert_array_equal(
        found, np.kron(found[:, ::8, ::8], np.ones((1, 8, 8), np.int16))
    )  # fmt: skip
    assert compare((found[:, ::8, ::8] & HOT) != 0, truth.is_hot & (truth.rates > 0.15))[1] > 0.97

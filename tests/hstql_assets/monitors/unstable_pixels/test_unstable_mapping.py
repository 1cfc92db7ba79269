"""Maps of unstable pixels of made darks: which are found, what is not judged, what is not used."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from builders.ir_darks import KEY, SIDE, expose, make_task, make_truth, write_darks, write_flt
from builders.ramp_files import write_ramp
from builders.spt_files import write_spt
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.unstable_pixels.map_file import find_map, read_map
from hstql_assets.monitors.unstable_pixels.measure import map_unstable
from hstql_assets.monitors.unstable_pixels.selection import load_unstable
from hstql_resources.filesystem import Filesystem
from hstql_resources.tables import Base

TRUTH = make_truth()
FRAMES = 44  # of a quarter of 2017, of which 177 were used


def make(home: Path, files: Any, selection: Any = None) -> Outcome:
    outcome = map_unstable(make_task(home, files, selection))
    assert outcome.status == "made"
    for table, rows in outcome.rows.items():
        columns = Base.metadata.tables[table].columns.keys()
        assert all(sorted(row) == sorted(columns) for row in rows), table
    return outcome


def reasons(outcome: Outcome) -> dict[str, str]:
    rows = outcome.rows["exposure_set_members"]
    return {row["rootname"]: row["reason"] for row in rows if row["reason"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("ir_darks")
    return make(folder / "home", write_darks(folder, FRAMES, TRUTH))


def test_telegraph_pixels_are_found_and_steady_or_hot_ones_are_not(made: Outcome) -> None:
    found = read_map(made.rows["unstable_pixel_maps"][0]["path"]).is_unstable
    assert found[TRUTH.is_telegraph].mean() > 0.98
    assert found[~TRUTH.is_telegraph].mean() < 2e-4


def test_their_levels_and_the_share_of_their_time_are_right(made: Outcome) -> None:
    found = read_map(made.rows["unstable_pixel_maps"][0]["path"])
    own = found.is_unstable & TRUTH.is_telegraph
    is_up = found.off_rate > found.rate
    lower = np.where(is_up, found.rate, found.off_rate)[own]
    upper = np.where(is_up, found.off_rate, found.rate)[own]
    busy = np.where(is_up, found.share, 1.0 - found.share)[own]
    assert abs(np.median(lower - TRUTH.rates[own])) < 0.005
    assert np.median((upper - lower) / TRUTH.step[own]) == pytest.approx(1.0, abs=0.01)
    pulls = (busy - TRUTH.busy[own]) / np.sqrt(TRUTH.busy * (1.0 - TRUTH.busy) / FRAMES)[own]
    assert abs(pulls.mean()) < 0.15
    assert pulls.std() == pytest.approx(1.0, abs=0.25)


def test_rows_file_and_list_say_the_same(made: Outcome) -> None:
    (row,), pixels = made.rows["unstable_pixel_maps"], made.rows["unstable_pixels"]
    found = read_map(row["path"])
    at = [(pixel["pix2"] - 1, pixel["pix1"] - 1) for pixel in pixels]
    assert at == list(zip(*(one.tolist() for one in np.nonzero(found.is_unstable)), strict=True))
    assert row["unstable"] == len(pixels) == sum(row[f"unstable_{name}"] for name in "abcd")
    assert row["judged"] == SIDE**2 == sum(row[f"judged_{name}"] for name in "abcd")
    corner = {pixel["amplifier"] for pixel in pixels if max(pixel["pix1"], pixel["pix2"]) < 100}
    assert corner == {"B"}  # lower left
    with fits.open(row["path"]) as hdus:
        hdus.verify("exception")
        assert (hdus[0].header["SETKEY"], hdus[0].header["NDARKS"]) == (KEY, FRAMES)
        assert set(np.unique(hdus["DQ"].data)) == {0, 32}


def test_a_pixel_that_is_bad_in_all_darks_does_not_become_good(tmp_path: Path) -> None:
    flags = np.zeros((SIDE, SIDE), np.int16)
    flags[10, 20], flags[11, 20], flags[12, 20] = 256, 2, 32
    files = write_darks(tmp_path, 8, make_truth(share=0.0), flags=flags)
    found = read_map(make(tmp_path, files).rows["unstable_pixel_maps"][0]["path"])
    assert found.flags[10:13, 20].tolist() == [4, 4, 0]  # an old 32 is found out anew
    assert np.isnan(found.share[10, 20])
    assert found.frames[10, 20] == 0
    assert np.count_nonzero(found.flags & 4) == 2


def test_two_darks_make_no_map_and_take_the_one_before_away(tmp_path: Path) -> None:
    files = write_darks(tmp_path, 8, make_truth(share=0.0))
    path = find_map(Filesystem(tmp_path), KEY)
    make(tmp_path, files)
    assert path.exists()
    outcome = make(tmp_path, dict(list(files.items())[:2]))
    assert set(reasons(outcome).values()) == {"too few darks"}
    assert outcome.rows["unstable_pixel_maps"] == outcome.rows["unstable_pixels"] == []
    assert not path.exists()


def test_a_map_of_fewer_darks_says_that_it_is_worse(tmp_path: Path) -> None:
    files = write_darks(tmp_path, 9, make_truth(share=0.0))
    assert make(tmp_path, files).remarks == ()
    assert make(tmp_path, files).remarks == ()
    files.popitem()
    (remark,) = make(tmp_path, files).remarks
    assert remark == "Worse than the map before: 8 darks instead of 9."


def test_what_differs_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    odd: list[tuple[str, Mapping[str, object]]] = [
        ("sample sequence", {"SAMP_SEQ": "SPARS100"}),
        ("sample sequence", {"NSAMP": 15}),
        ("subarray", {"SUBARRAY": True}),
        ("exposure flag", {"EXPFLAG": "INDETERMINATE"}),
        ("one read", {"NSAMP": 1}),
        ("too few reads", {"NSAMP": 2}),
        ("exposure time", {"EXPTIME": 100.0}),
        ("binning", {"BINAXIS1": 3, "BINAXIS2": 3}),
        ("gain", {"CCDGAIN": 4.0}),
        ("no time", {"EXPSTART": "N/A"}),
        ("after the anomaly", {"SAA_TIME": 3599}),
        ("anomaly not known", {"SAA_TIME": 0}),
        ("dark subtracted", {"DARKCORR": "COMPLETE"}),
    ]
    changes = {index: cards for index, (_, cards) in enumerate(odd)}
    files = write_darks(tmp_path, len(odd) + 8, make_truth(share=0.0), changes=changes)
    names = list(files)
    unit = write_flt(tmp_path, "it019998q", expose(TRUTH, np.random.default_rng(1)),
                     cards={"BINAXIS1": 5, "BINAXIS2": 5}, unit="HOURS")  # fmt: skip
    planes = expose(TRUTH, np.random.default_rng(1))
    small = write_flt(tmp_path, "it019997q", (planes[0][:-2], planes[1][:-2]),
                      cards={"BINAXIS1": 5, "BINAXIS2": 5, "EXPSTART": 57750.0})  # fmt: skip
    files["it019997q"] = (small,)
    broken = tmp_path / "it019999q_flt.fits"
    broken.write_bytes(b"SIMPLE  = nothing")
    files["it019998q"] = (unit,)
    files["it019999q"] = (InputFile(broken.name, "flt", broken),)
    files["it01999aq"] = ()
    outcome = make(tmp_path, files)
    expected = dict(zip(names, (reason for reason, _ in odd), strict=False))
    assert reasons(outcome) == {
        **expected, "it019997q": "shape", "it019998q": "unit",
        "it019999q": "unreadable", "it01999aq": "no file",
    }  # fmt: skip
    assert outcome.rows["unstable_pixel_maps"][0]["frames"] == 8
    assert outcome.rows["exposure_sets"][0]["used"] == 8
    details = [row["detail"] for row in outcome.rows["exposure_set_members"] if row["reason"]]
    assert all(detail.endswith(".") for detail in details)


def test_the_table_can_allow_what_it_left_out(tmp_path: Path) -> None:
    everything = replace(
        load_unstable()["IR"], exposure_flags=("NORMAL", "INDETERMINATE"), least_saa_s=0.0,
        excluded=("it010008q",),
    )  # fmt: skip
    changes: Any = {0: {"EXPFLAG": "INDETERMINATE"}, 1: {"SAA_TIME": 0}}
    files = write_darks(tmp_path, 9, make_truth(share=0.0), changes=changes)
    assert reasons(make(tmp_path, files, everything)) == {"it010008q": "excluded"}


def test_the_orbit_tells_where_the_header_does_not(tmp_path: Path) -> None:
    """The elements are real ones of July 2017; in a day there are darks on either side."""
    changes = {index: {"SAA_TIME": 0, "EXPSTART": 57931.0 + index / 12.0} for index in range(12)}
    files = write_darks(tmp_path, 12, make_truth(share=0.0), changes=changes)
    spt = write_spt(tmp_path / "it01_spt.fits")
    with_spt = {name: (*own, InputFile(spt.name, "spt", spt)) for name, own in files.items()}
    found = set(reasons(make(tmp_path, with_spt)).values())
    assert "after the anomaly" in found
    assert "anomaly not known" not in found
    assert set(reasons(make(tmp_path, files)).values()) == {"anomaly not known"}


BORDER = {"LTV1": 1.0, "LTV2": 1.0}
TIMES_S = (0.0, 2.9, 202.9, 402.9, 602.9, 802.9)


@pytest.mark.parametrize("filetype", ["raw", "ima"])
def test_a_ramp_without_an_flt_is_fitted_without_its_hits(tmp_path: Path, filetype: str) -> None:
    rng = np.random.default_rng(4)
    side = SIDE + 2  # with a border of a reference pixel
    rates = np.pad(np.full((SIDE, SIDE), 0.05), 1)
    rates[60, 70] = 4.0
    files = {}
    for index in range(9):
        rises = [np.zeros((side, side))]
        rises += [rng.poisson(rates * step_s).astype(float) for step_s in np.diff(TIMES_S)]
        rises[3][100, 100:103] += 3000.0  # a hit in each of them
        rises[2][40, 40] += 500.0 * (index % 2) if index < 6 else 0.0
        reads = []
        for number, charge in enumerate(np.cumsum(rises, axis=0)):
            noisy = charge + rng.normal(0.0, 15.0, charge.shape)
            counts = noisy / 2.25 + (11000.0 + 40.0 * number if filetype == "raw" else 0.0)
            reads.append(np.rint(counts).astype(np.float32))
        folder = tmp_path / str(index)
        folder.mkdir()
        cards: Any = {"EXPTIME": 802.9, "SAA_TIME": 9000, "BINAXIS1": 5, "BINAXIS2": 5,
                      "EXPSTART": 57760.0 + index,
                      **({f"ATODGN{name}": 2.25 for name in "ABCD"})}  # fmt: skip
        file = write_ramp(folder, reads, TIMES_S, filetype, cards, [BORDER] * len(reads))
        files[f"it01{index:04d}q"] = (file,)
    outcome = make(tmp_path, files)
    assert reasons(outcome) == {}
    (row,) = outcome.rows["unstable_pixel_maps"]
    assert row["source"] == filetype
    found = read_map(row["path"])
    assert found.rate[99, 99] == pytest.approx(0.05, abs=0.05)  # the hit is left out
    assert found.rate[59, 69] == pytest.approx(4.0, abs=0.2)
    assert row["median_rate"] == pytest.approx(0.05, abs=0.005)
    assert row["unstable"] < 1e-3 * row["judged"]


def test_a_ramp_of_one_read_is_named(tmp_path: Path) -> None:
    files = write_darks(tmp_path, 8, make_truth(share=0.0))
    cards: Any = {"EXPTIME": 802.9, "SAA_TIME": 9000, "NSAMP": 16, "BINAXIS1": 5, "BINAXIS2": 5,
                  "SAMP_SEQ": "SPARS200"}  # fmt: skip
    read = np.zeros((SIDE + 2, SIDE + 2), np.float32)
    file = write_ramp(tmp_path, [read], [0.0], "ima", cards, [BORDER])
    outcome = make(tmp_path, {**files, "it019999q": (file,)})
    assert reasons(outcome) == {"it019999q": "one read"}


def test_a_map_of_unknown_amplifiers_is_read_back(tmp_path: Path) -> None:
    changes: Any = {index: {"CCDAMP": "N/A"} for index in range(12)}
    outcome = make(tmp_path, write_darks(tmp_path, 12, TRUTH, changes=changes))
    (row,) = outcome.rows["unstable_pixel_maps"]
    assert (row["judged_a"], row["judged"]) == (None, SIDE**2)
    assert {pixel["amplifier"] for pixel in outcome.rows["unstable_pixels"]} == {None}
    assert read_map(row["path"]).is_unstable.sum() == row["unstable"]

"""Superdarks of raw frames: an unbiased dark, and steps whose reference file is nowhere named."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from astropy.io import fits

from builders.camera_files import write_camera_file
from builders.dark_frames import (
    FIRST_MJD,
    FLASH_E,
    KEY,
    PRIMARY,
    expose,
    make_truth,
    open_superdark,
)
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.framework.exposure_sets import SetTask
from hstql_assets.monitors.superdarks.measure import make_superdarks
from hstql_assets.monitors.superdarks.selection import window_of
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References

ROWS, COLUMNS = 256, 512  # of a chip that see light, binned by 8
SHAPE = (ROWS + 2, COLUMNS + 13)  # with three columns of overscan on each side, seven between
HALVES = slice(3, 259), slice(266, 522)
GAINS = ({"C": 1.60, "D": 1.59}, {"A": 1.58, "B": 1.58})  # of the lower chip, which comes first
FLASH_S = 2.0
TRUTH = make_truth(shape=(ROWS, COLUMNS))
CARDS: dict[str, object] = {
    **PRIMARY, "BINAXIS1": 8, "BINAXIS2": 8, "FLASHDUR": FLASH_S, "BIASFILE": "iref$bias_bia.fits",
    "FLSHFILE": "iref$flash_fls.fits", "BLEVCORR": "PERFORM", "BIASCORR": "PERFORM",
    "FLSHCORR": "PERFORM",
}  # fmt: skip


def place(chip: int, light: np.ndarray) -> np.ndarray:
    """Put what sees light into a raw image: its virtual rows are above, of the upper one below."""
    whole = np.zeros(SHAPE)
    rows = slice(0, ROWS) if chip == 0 else slice(2, None)
    for columns, half in zip(HALVES, np.split(light, 2, axis=1), strict=True):
        whole[rows, columns] = half
    return whole


def write_raw(folder: Path, number: int, **cards: object) -> dict[str, Any]:
    """Write raw darks, with the images of bias and flash beside them; files by rootname."""
    rng = np.random.default_rng(4)
    is_light = [place(chip, np.ones((ROWS, COLUMNS))) for chip in (0, 1)]
    biases = rng.normal(0.0, 5.0, (2, *SHAPE)) * is_light  # its own overscan was taken off
    one = np.full((ROWS, COLUMNS), FLASH_E / FLASH_S)
    flash = [place(chip, one) for chip in (0, 1)]
    for name, images in (("bias_bia.fits", biases), ("flash_fls.fits", flash)):
        chips = [(images[chip].astype(np.float32), None, {"CCDCHIP": 2 - chip}) for chip in (0, 1)]
        write_camera_file(folder, name, {"DETECTOR": "UVIS"}, cast("Any", chips))
    files = {}
    for index in range(number):
        charge, chips = expose(TRUTH, rng) + FLASH_E, []
        for chip in (0, 1):
            gains = np.repeat([*GAINS[chip].values()], COLUMNS // 2)
            counts = place(chip, charge[chip] / gains) + biases[chip]
            counts += np.where(np.arange(SHAPE[1]) < SHAPE[1] // 2, 2500.0, 2600.0)
            noise = rng.normal(0.0, 2.0, SHAPE) * (is_light[chip] == 0)
            chips.append((np.rint(counts + noise).clip(0, 65535).astype(np.uint16), None,
                          {"CCDCHIP": 2 - chip, "BUNIT": "COUNTS"}))  # fmt: skip
        rootname = f"id01{index:04d}q"
        primary = CARDS | {"ROOTNAME": rootname, "EXPSTART": FIRST_MJD + 0.15 * index} | cards
        raw = write_camera_file(folder, f"{rootname}_raw.fits", primary, cast("Any", chips))
        files[rootname] = (raw,)
    return files


def make(folder: Path, files: dict[str, Any]) -> Outcome:
    archive = cast("Any", SimpleNamespace(fetch_reference=lambda _name, _folder: False))
    references = References(archive, Filesystem(folder / "home"), iref=folder)
    return make_superdarks(SetTask(KEY, "UVIS", window_of(KEY), files, "digest", references))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("raw")
    return make(folder, write_raw(folder, 8))


def test_the_dark_current_of_raw_frames_is_unbiased_and_its_errors_are_right(made: Outcome) -> None:
    with open_superdark(dict(made.rows["superdarks"][0])) as hdus:
        science, error, flags = (
            np.stack([hdus[name, one].data for one in (1, 2)]) for name in ("SCI", "ERR", "DQ")
        )
        history = " ".join(map(str, hdus[0].header["HISTORY"]))
    cold = (flags == 0) & ~TRUTH.is_hot
    pulls = (science - TRUTH.rates)[cold] / error[cold]
    assert abs(float(pulls.mean())) < 0.06
    assert float(pulls.std()) == pytest.approx(1.0, abs=0.06)
    is_hot = (flags & 16) != 0
    assert (is_hot & TRUTH.is_hot).sum() / TRUTH.is_hot.sum() > 0.95
    assert "id010000q_raw.fits" in history
    assert "overscan, bias and any post-flash were taken off by hstql" in history


def test_rows_and_decision_say_that_they_were_raw(made: Outcome) -> None:
    members = made.rows["exposure_set_members"]
    assert {row["reason"] for row in members} == {None}
    assert {row["detail"] for row in members} == {
        "It was raw: overscan, bias and any post-flash were taken off here."
    }
    assert made.remarks == (
        "8 darks were raw: overscan, bias and any post-flash were taken off here.",
    )


@pytest.mark.parametrize(
    ("cards", "reason", "named"),
    [
        ({"BIASFILE": "iref$gone_bia.fits"}, "step left out", "BIASFILE is iref$gone_bia.fits"),
        ({"FLSHFILE": "N/A"}, "no flash file", "FLSHFILE is N/A"),
        ({"FLSHFILE": "iref$small_fls.fits"}, "unreadable", "needs iref$small_fls.fits, which has"),
        ({"CCDAMP": "N/A", "DETECTOR": "IR"}, "unreadable", "does not say which amplifier read it"),
    ],
)
def test_a_step_without_its_reference_file_is_named(
    cards: dict[str, object], reason: str, named: str, tmp_path: Path
) -> None:
    chips = [(np.ones((4, 4), np.float32), None, {"CCDCHIP": chip}) for chip in (2, 1)]
    write_camera_file(tmp_path, "small_fls.fits", {"DETECTOR": "UVIS"}, cast("Any", chips))
    outcome = make(tmp_path, write_raw(tmp_path, 1, **cards))
    (member,) = outcome.rows["exposure_set_members"]
    assert (member["reason"], named in str(member["detail"])) == (reason, True), member
    assert outcome.rows["superdarks"] == []


def test_a_calibrated_frame_is_taken_where_there_is_one_and_no_other_is_changed(
    tmp_path: Path,
) -> None:
    files = write_raw(tmp_path, 1)
    (raw,) = files["id010000q"]
    content = raw.path.read_bytes()
    chips = [(np.ones((ROWS, COLUMNS), np.float32), None, {"CCDCHIP": chip, "BUNIT": "ELECTRONS"})
             for chip in (2, 1)]  # fmt: skip
    primary = CARDS | {"EXPSTART": FIRST_MJD, "BIASCORR": "OMIT", "BLEVCORR": "COMPLETE"}
    flt = write_camera_file(tmp_path, "id010000q_flt.fits", primary, cast("Any", chips))
    (member,) = make(tmp_path, {"id010000q": (raw, flt)}).rows["exposure_set_members"]
    assert member["reason"] == "step left out"  # of the calibrated one
    assert raw.path.read_bytes() == content
    assert not list((tmp_path / "home").rglob("*.fits"))
    with fits.open(raw.path) as hdus:
        assert hdus[0].header["BLEVCORR"] == "PERFORM"

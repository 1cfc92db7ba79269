"""What a stranger hands to monitors of single exposures: a named reason, or the rest is used."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from builders.ramp_files import task, write_ramp
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.eper_cte.measure import measure_trails
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.ir_bias_levels.measure import measure_reference_pixels
from hstql_assets.monitors.snowballs.measure import find_snowballs
from hstql_resources.archive.simulated.cameras.archive_contents import WFC3_EPER

TIMES_S = (0.0, 2.9, 52.9, 102.9)
Make = Callable[[Path], InputFile]


def make_flat(folder: Path) -> InputFile:
    name = f"{WFC3_EPER.locate(0).rootname}_raw.fits"
    (folder / name).write_bytes(WFC3_EPER.open_exposure(7, 0)(name))
    return InputFile(name, "raw", folder / name)


def make_ramp(folder: Path) -> InputFile:
    rng = np.random.default_rng(1)
    reads = [rng.normal(11_000.0, 9.0, (266, 266)).astype(np.uint16) for _ in TIMES_S]
    return write_ramp(folder, reads, TIMES_S)


MONITORS: dict[str, tuple[Make, Callable[[Any], Outcome], str]] = {
    "eper_cte": (make_flat, measure_trails, "eper_cte"),
    "ir_bias_levels": (make_ramp, measure_reference_pixels, "ir_bias_levels"),
    "snowballs": (make_ramp, find_snowballs, "snowball_searches"),
}


def measure(name: str, file: InputFile) -> Outcome:
    return MONITORS[name][1](ExposureTask(file.filename[:9], (file,), None))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", MONITORS)
@pytest.mark.parametrize(
    ("cards", "reason"),
    [
        ({"EXPSTART": None}, "No time: "),
        ({"EXPSTART": -1.0}, "No time: "),
        ({"EXPSTART": "soon"}, "No time: "),
        ({"BINAXIS1": 4, "BINAXIS2": 4}, "Another binning: "),
        ({"BINAXIS1": 1, "BINAXIS2": 2}, "Another binning: "),
        ({"BINAXIS1": "'", "BINAXIS2": 0}, "Another binning: "),
        ({"CCDGAIN": 4.0}, "Another gain: "),
        ({"CCDGAIN": None}, "Another gain: "),
    ],
)
def test_an_exposure_of_another_kind_has_a_named_reason(
    name: str, cards: dict[str, object], reason: str, tmp_path: Path
) -> None:
    file = MONITORS[name][0](tmp_path)
    with fits.open(file.path, "update") as hdus:
        for hdu in hdus:
            hdu.header.update({key: value for key, value in cards.items()
                               if hdu is hdus[0] or key in hdu.header})  # fmt: skip
    outcome = measure(name, file)
    assert outcome.status == "none"
    assert (outcome.reason or "").startswith(f"{reason}{file.filename} ")


@pytest.mark.parametrize("name", MONITORS)
def test_an_exposure_time_that_is_not_sure_is_a_remark(name: str, tmp_path: Path) -> None:
    file = MONITORS[name][0](tmp_path)
    with fits.open(file.path, "update") as hdus:
        hdus[0].header["EXPFLAG"] = "INDETERMINATE"
    outcome = measure(name, file)
    assert outcome.status == "made", outcome.reason
    assert outcome.remarks == ("EXPFLAG is INDETERMINATE.",)


@pytest.mark.parametrize("name", MONITORS)
@pytest.mark.parametrize("damage", ["no extension", "no pixels", "tables", "empty"])
def test_a_file_without_an_image_has_a_named_reason(
    name: str, damage: str, tmp_path: Path
) -> None:  # fmt: skip
    file = MONITORS[name][0](tmp_path)
    with fits.open(file.path) as hdus:
        primary = hdus[0].copy()
    primary.header.remove("NEXTEND", ignore_missing=True)
    nothing = fits.ImageHDU(name="SCI")
    table = fits.BinTableHDU.from_columns([fits.Column("A", "E", array=np.zeros(3))], name="SCI")
    extra = {"no pixels": [nothing], "tables": [table]}.get(damage, [])
    fits.HDUList([primary, *extra]).writeto(file.path, overwrite=True)
    if damage == "empty":
        file.path.write_bytes(b"")
    outcome = measure(name, file)
    assert outcome.status == ("bad" if damage == "empty" else "none"), outcome
    assert file.filename in (outcome.reason or "")


@pytest.mark.parametrize("name", MONITORS)
@pytest.mark.parametrize("share", [0.0005, 1.0])
def test_pixels_that_are_no_numbers_are_left_out(name: str, share: float, tmp_path: Path) -> None:
    file = MONITORS[name][0](tmp_path)
    rng = np.random.default_rng(3)
    with fits.open(file.path) as hdus:
        found = fits.HDUList([hdus[0].copy()])
        found[0].header.remove("NEXTEND", ignore_missing=True)
        for hdu in hdus[1:]:
            if hdu.name != "SCI":
                continue
            values = hdu.data.astype(np.float32)
            values[rng.random(values.shape) < share] = rng.choice([np.nan, np.inf, -np.inf])
            header = hdu.header.copy()
            for card in ("BZERO", "BSCALE"):
                header.remove(card, ignore_missing=True)
            found.append(fits.ImageHDU(values, header, name="SCI", ver=hdu.ver))
    found.writeto(file.path, overwrite=True)
    outcome = measure(name, file)
    if share == 1.0:
        assert outcome.status == "none", outcome
        return
    assert outcome.status == "made", outcome.reason
    json.dumps(outcome.rows[MONITORS[name][2]], default=str, allow_nan=False)
    if name == "snowballs":
        (row,) = outcome.rows["snowball_searches"]
        assert row["recovered"] == row["put_in"] != 0
        assert 0.9 < float(str(row["searched_share"])) / (256 / 1014) ** 2 < 1.0


def test_a_unit_that_is_none_says_nothing_of_charge(tmp_path: Path) -> None:
    reads = [np.full((266, 266), 11_000, np.uint16)] * 4
    cards = [{"BUNIT": "FURLONGS"}] * 4
    outcome = find_snowballs(task(write_ramp(tmp_path, reads, TIMES_S, cards=cards)))
    assert outcome.reason == "No unit: irtst01aq_raw.fits has BUNIT FURLONGS."

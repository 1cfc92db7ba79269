"""Sets of simulated flats: true gains by amplifier, and a reason for each flat that is not used."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from astropy.io import fits

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.flat_gains.measure import measure_flats
from hstql_assets.monitors.flat_gains.selection import load_selections
from hstql_assets.monitors.framework.exposure_sets import SetTask
from hstql_resources.archive.simulated.archive_contents import Contents
from hstql_resources.archive.simulated.cameras.archive_contents import ACS_FLATS, WFC3_FLATS
from hstql_resources.references import References
from hstql_resources.tables import Base

SEED = 3
SETS: dict[str, tuple[Contents[Any, Any], int]] = {
    "WFC": (ACS_FLATS, 0),
    "UVIS": (WFC3_FLATS, 0),
    "IR": (WFC3_FLATS, 8),
}


def write(folder: Path, detector: str, kind: str = "raw", epoch: int = 0) -> list[Path]:
    contents, first = SETS[detector]
    paths = []
    for number in range(first, first + 8):
        index = epoch * contents.share[0] + number
        name = f"{contents.locate(index).rootname}_{kind}.fits"
        paths.append(folder / name)
        paths[-1].write_bytes(contents.open_exposure(SEED, index)(name))
    return paths


def measure(detector: str, paths: Sequence[Path]) -> Outcome:
    files: dict[str, tuple[InputFile, ...]] = {}
    for path in paths:
        name, kind = path.stem.split("_")
        files[name] = (*files.get(name, ()), InputFile(path.name, kind, path))
    references = cast("References", None)
    task = SetTask(
        "flat_gains_x_1", detector, load_selections()[detector], files, "digest", references
    )
    outcome = measure_flats(task)
    assert outcome.status == "made"
    for table, rows in outcome.rows.items():
        columns = Base.metadata.tables[table].columns.keys()
        assert all(sorted(row) == sorted(columns) for row in rows), table
    return outcome


def reasons(outcome: Outcome) -> dict[str, str]:
    return {
        str(row["rootname"]): str(row["reason"])
        for row in outcome.rows["exposure_set_members"]
        if row["reason"] is not None
    }


def true_gains(detector: str) -> dict[str, float]:
    contents, index = SETS[detector]
    name = f"{contents.locate(index).rootname}_truth.json"
    gains = json.loads(contents.open_exposure(SEED, index)(name))["gain"]
    return {str(amplifier): float(gain) for amplifier, gain in gains.items()}


@pytest.mark.parametrize("detector", SETS)
def test_gains_of_raw_flats_are_the_true_ones_within_their_errors(
    detector: str, tmp_path: Path
) -> None:
    outcome = measure(detector, write(tmp_path, detector))
    truth = true_gains(detector)
    gains = outcome.rows["flat_gains"]
    assert [row["amplifier"] for row in gains] == sorted(truth)
    for row in gains:
        off = (float(str(row["gain"])) - truth[str(row["amplifier"])]) / float(
            str(row["gain_error"])
        )
        assert abs(off) < 3.5
        assert (row["levels"], row["source"], row["epoch"]) == (4, "raw", 1)
    assert reasons(outcome) == {}
    assert outcome.metadata["not_used"] == "none"


def test_calibrated_flats_are_taken_where_there_are_and_say_the_same(tmp_path: Path) -> None:
    raw = write(tmp_path, "UVIS")
    both = measure("UVIS", [*raw, *write(tmp_path, "UVIS", "flt")])
    alone = measure("UVIS", raw)
    for one, other in zip(both.rows["flat_gains"], alone.rows["flat_gains"], strict=True):
        assert (one["source"], other["source"]) == ("flt", "raw")
        assert one["gain"] == pytest.approx(other["gain"], rel=0.002)


def test_what_cannot_be_used_has_a_reason_and_the_rest_goes_on(tmp_path: Path) -> None:
    paths = write(tmp_path, "WFC")
    alter = {
        0: lambda primary: primary.update(SCLAMP="NONE"),
        2: lambda primary: primary.update(SUBARRAY=True),
        4: lambda primary: primary.update(CCDGAIN=1.0),
    }
    for number, change in alter.items():
        change_header(paths[number], change)
    paths[7].write_bytes(paths[7].read_bytes()[:5000])
    outcome = measure("WFC", paths)
    found = list(reasons(outcome).items())
    assert [reason for _, reason in found] == [
        "lamp off", "one flat alone", "subarray", "one flat alone",
        "one flat alone", "one flat alone", "one flat alone", "unreadable",
    ]  # fmt: skip
    assert outcome.rows["flat_gains"] == []
    assert "5 one flat alone" in str(outcome.metadata["not_used"])


def change_header(path: Path, change: Callable[[fits.Header], None]) -> None:
    with fits.open(path, mode="update") as hdus:
        change(hdus[0].header)


def test_an_amplifier_that_is_saturated_is_left_out_alone(tmp_path: Path) -> None:
    paths = write(tmp_path, "WFC")
    with fits.open(paths[6], mode="update") as hdus:
        image = hdus["SCI", 2].data
        image[:, : image.shape[1] // 2] = 65535
        hdus["SCI", 2].data = image
    outcome = measure("WFC", paths)
    levels = {str(row["amplifier"]): row["levels"] for row in outcome.rows["flat_gains"]}
    assert levels == {"A": 3, "B": 4, "C": 4, "D": 4}
    (row,) = [
        one for one in outcome.rows["exposure_set_members"] if one["rootname"] == paths[6].name[:9]
    ]
    assert row["reason"] is None
    assert "amplifier A" in str(row["detail"])


def test_epochs_half_a_year_apart_have_gains_of_their_own(tmp_path: Path) -> None:
    paths = [*write(tmp_path, "WFC"), *write(tmp_path, "WFC", epoch=1)]
    rows = measure("WFC", paths).rows["flat_gains"]
    assert [(row["epoch"], row["amplifier"]) for row in rows] == [
        (epoch, amplifier) for epoch in (1, 2) for amplifier in "ABCD"
    ]
    days = np.diff([float(str(row["mjd"])) for row in rows])
    assert max(days) == pytest.approx(182.625)


def test_a_ramp_of_one_read_is_named(tmp_path: Path) -> None:
    paths = write(tmp_path, "IR")
    with fits.open(paths[0]) as hdus:
        fits.HDUList(hdus[:6]).writeto(paths[0], overwrite=True)
    outcome = measure("IR", paths)
    assert list(reasons(outcome).values()) == ["unreadable", "one flat alone"]
    assert len(outcome.rows["flat_gains"]) == 4


def test_a_set_of_nothing_and_of_one_flat(tmp_path: Path) -> None:
    assert measure("WFC", []).rows["flat_gains"] == []
    assert list(reasons(measure("WFC", write(tmp_path, "WFC")[:1])).values()) == ["one flat alone"]


def test_a_doubtful_exposure_time_is_told_and_pixels_that_are_no_numbers_are_left_out(
    tmp_path: Path,
) -> None:
    paths = write(tmp_path, "WFC", "flt")
    change_header(paths[0], lambda primary: primary.update(EXPFLAG="INDETERMINATE"))
    for path in paths:
        with fits.open(path, mode="update") as hdus:
            hdus["SCI", 1].data[::50, ::7] = np.nan
    outcome = measure("WFC", paths)
    told = {row["rootname"]: row["detail"] for row in outcome.rows["exposure_set_members"]}
    assert told.pop(paths[0].name[:9]) == "EXPFLAG is INDETERMINATE."
    assert set(told.values()) == {None}
    assert [row["levels"] for row in outcome.rows["flat_gains"]] == [4] * 4
    for path in paths[:2]:
        with fits.open(path) as hdus:
            hdus[0].header.remove("NEXTEND", ignore_missing=True)
            fits.HDUList(hdus[:1]).writeto(path, overwrite=True)
    found = reasons(measure("WFC", paths))
    assert found == dict.fromkeys((path.name[:9] for path in paths[:2]), "no light")

"""Unstable pixels of the simulated archive: all that were seen at both levels are found."""

from pathlib import Path

import numpy as np
import pytest

from builders.ir_darks import make_task
from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.unstable_pixels.map_file import read_map
from hstql_assets.monitors.unstable_pixels.measure import map_unstable
from hstql_resources.archive.simulated.cameras.archive_contents import WFC3_IR_DARKS
from hstql_resources.archive.simulated.cameras.catalogue import make_exposure
from hstql_resources.archive.simulated.cameras.dark_catalogue import DARKS_PER_CYCLE
from hstql_resources.archive.simulated.cameras.telegraph import (
    AFTER_ANOMALY,
    YEARS,
    find_steps,
    telegraph_rates,
)

SEED = 3


@pytest.mark.parametrize("cycle", [0, 3])
def test_those_that_were_seen_at_both_levels_are_found(tmp_path: Path, cycle: int) -> None:
    files = {}
    indices = range(cycle * DARKS_PER_CYCLE, (cycle + 1) * DARKS_PER_CYCLE)
    for index in indices:
        rootname = WFC3_IR_DARKS.locate(index).rootname
        name = f"{rootname}_flt.fits"
        (tmp_path / name).write_bytes(WFC3_IR_DARKS.open_exposure(SEED, index)(name))
        files[rootname] = (InputFile(name, "flt", tmp_path / name),)
    key = f"unstable_pixels_ir_{YEARS[cycle]}-01"
    outcome = map_unstable(make_task(tmp_path, files, key=key))
    reasons = [row["reason"] for row in outcome.rows["exposure_set_members"]]
    assert reasons[AFTER_ANOMALY] == "after the anomaly"
    assert set(reasons) <= {None, "after the anomaly", "exposure flag"}

    exposures = [make_exposure(SEED, WFC3_IR_DARKS.locate(index)) for index in indices]
    frame = exposures[0].frames[0]
    is_telegraph = find_steps(exposures[0], frame) > 0
    up = np.sum([telegraph_rates(one, frame) > 0 for one, reason
                 in zip(exposures, reasons, strict=True) if reason is None], axis=0)  # fmt: skip
    used = reasons.count(None)
    is_seen = is_telegraph & (up >= 3) & (up <= used - 3)
    (row,) = outcome.rows["unstable_pixel_maps"]
    found = read_map(row["path"]).is_unstable
    assert is_seen.sum() > 200
    assert found[is_seen].mean() > 0.98
    assert found[~is_telegraph].mean() < 1e-4
    is_many = row["unstable_d"] > 2.0 * row["unstable_a"]
    assert is_many == (cycle == 0)


def test_the_darks_of_a_year_have_their_own_names_and_are_found_by_them() -> None:
    indices = range(0, WFC3_IR_DARKS.maximum, 7)
    names = [WFC3_IR_DARKS.locate(index).rootname for index in indices]
    assert [WFC3_IR_DARKS.find_index(name) for name in names] == list(indices)
    assert WFC3_IR_DARKS.find_index("it000201q") is None

"""Superdarks of the simulated archive: pixels that became hot are found, and heal."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from builders.dark_frames import make_task, open_superdark
from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.superdarks.measure import make_superdarks
from hstql_resources.archive.simulated.cameras.archive_contents import WFC3_DARKS
from hstql_resources.archive.simulated.cameras.catalogue import make_exposure
from hstql_resources.archive.simulated.cameras.dark_catalogue import (
    DARKS_PER_CYCLE,
    find_unstable,
    new_hot_rates,
)
from hstql_resources.archive.simulated.cameras.pixels import bad_column, hot_rates

SEED = 3


def make(folder: Path, key: str, indices: Iterable[int]) -> Any:
    files: dict[str, tuple[InputFile, ...]] = {}
    for index in indices:
        rootname = WFC3_DARKS.locate(index).rootname
        name = f"{rootname}_flt.fits"
        (folder / name).write_bytes(WFC3_DARKS.open_exposure(SEED, index)(name))
        files[rootname] = (InputFile(name, "flt", folder / name),)
    outcome = make_superdarks(make_task(folder / "home", files, key))
    reasons = {row["reason"] for row in outcome.rows["exposure_set_members"]}
    assert reasons <= {None, "exposure flag"}  # some are interrupted
    return outcome.rows["superdarks"]


def flags_of(rows: Any) -> list[NDArray[np.int16]]:
    with open_superdark(rows[0]) as hdus:
        return [np.array(hdus["DQ", version].data) for version in (1, 2)]


def new_hot(index: int) -> list[NDArray[np.bool_]]:
    """Return which pixels became hot before a dark, but were not hot always."""
    exposure = make_exposure(SEED, WFC3_DARKS.locate(index))
    return [
        (new_hot_rates(exposure, frame) > 0) & (hot_rates(exposure, frame) == 0)
        for frame in exposure.frames
    ]


@pytest.fixture(scope="module")
def early(tmp_path_factory: pytest.TempPathFactory) -> list[NDArray[np.int16]]:
    folder = tmp_path_factory.mktemp("early")
    return flags_of(make(folder, "superdarks_uvis_2015-01-29", range(7)))


def test_pixels_that_became_hot_are_found(early: list[NDArray[np.int16]]) -> None:
    for flags, is_hot in zip(early, new_hot(0), strict=True):
        assert is_hot.any()
        assert ((flags & 16) != 0)[is_hot].mean() > 0.95


def test_pixels_that_vary_and_a_column_that_sees_no_flash_are_flagged(
    early: list[NDArray[np.int16]],
) -> None:
    exposure = make_exposure(SEED, WFC3_DARKS.locate(0))
    for flags, frame in zip(early, exposure.frames, strict=True):
        is_unstable = find_unstable(exposure, frame)[0]
        column = bad_column(frame)
        is_unstable[:, column] = False
        found = (flags & 32) != 0
        assert found[is_unstable].mean() > 0.4  # of seven darks, four hot ones have to be
        assert found[~is_unstable].mean() < 0.01  # those that became hot in these days
        dead = (flags & 4) != 0
        assert dead[:, column].mean() > 0.6
        assert dead[:, :column].mean() < 0.001


def test_they_are_healed_by_the_anneal(early: list[NDArray[np.int16]], tmp_path: Path) -> None:
    second = range(DARKS_PER_CYCLE, DARKS_PER_CYCLE + 7)
    late = flags_of(make(tmp_path, "superdarks_uvis_2015-02-28", second))
    for before, after, healed in zip(early, late, new_hot(4), strict=True):
        is_gone = ((before & 16) != 0) & ((after & 16) == 0)
        assert is_gone[healed].mean() > 0.9  # they were hot in three of seven darks at least
        assert ((after & 16) != 0)[healed].mean() < 0.02


def test_a_cycle_has_its_own_names_and_all_are_found_by_them() -> None:
    indices = range(0, WFC3_DARKS.maximum, 5)
    names = [WFC3_DARKS.locate(index).rootname for index in indices]
    assert [WFC3_DARKS.find_index(name) for name in names] == list(indices)
    assert WFC3_DARKS.find_index("id000111q") is None

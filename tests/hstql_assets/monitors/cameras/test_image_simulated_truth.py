"""The numbers of simulated exposures against what was put in, over many of them."""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import label

from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.cameras.measure import measure_observation
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_resources.archive.simulated.cameras.catalogue import Place, make_exposure
from hstql_resources.archive.simulated.cameras.pixels import expose
from hstql_resources.archive.simulated.instruments import INSTRUMENTS

CYCLES = 3
LENGTH = {"acs": 12, "wfc3": 8}
SEED = 2016

Pulls = dict[str, list[float]]


@pytest.fixture(scope="module")
def pulls(tmp_path_factory: pytest.TempPathFactory) -> Pulls:
    """Deviations from the truth in units of the errors, by number, over all exposures."""
    folder, found = tmp_path_factory.mktemp("cameras"), defaultdict(list)
    for instrument, length in LENGTH.items():
        contents = INSTRUMENTS[instrument]
        for index in range(CYCLES * length):
            if not contents.locate(index).slot.is_association:
                _compare(instrument, index, folder, found)
    return found


def _compare(instrument: str, index: int, folder: Path, found: Pulls) -> None:
    contents = INSTRUMENTS[instrument]
    make = contents.open_exposure(SEED, index)
    rootname = contents.locate(index).rootname
    names = [name for name in contents.list_filenames(index) if name[10:13] in ("raw", "flt")]
    for name in names:
        (folder / name).write_bytes(make(name))
    files = tuple(InputFile(name, name[10:13], folder / name) for name in names)
    truth = json.loads(make(f"{rootname}_truth.json"))
    outcome = measure_observation(ExposureTask(rootname, files, None))  # type: ignore[arg-type]
    assert outcome.status == "made", outcome.reason
    assert not outcome.bad_files
    for row in outcome.rows["image_statistics"]:
        amplifier = row["amplifier"]
        if row["overscan_level"] is not None:
            offsets = truth["reference_offsets_dn"] or [0]
            _add(found, row, "overscan_level", truth["bias_dn"][amplifier] + offsets[-1])
            _add(found, row, "read_noise", truth["read_noise_e"][amplifier])
        if row["dark_current"] is not None:
            _add(found, row, "dark_current", truth["dark_rate_e_per_s"])
        if row["cosmic_ray_fraction"] is not None:
            (chip,) = (one for one in truth["frames"] if one["extver"] == row["extver"])
            _add(found, row, "cosmic_ray_fraction", chip["cosmic_ray_fraction"])
    for file in files:
        file.path.unlink()


def _add(found: Pulls, row: object, name: str, truth: float) -> None:
    values: dict[str, float] = dict(row)  # type: ignore[call-overload]
    found[name].append((values[name] - truth) / values[f"{name}_error"])


@pytest.mark.parametrize(
    ("name", "least"),
    [("overscan_level", 90), ("read_noise", 90), ("dark_current", 40), ("cosmic_ray_fraction", 30)],
)
def test_what_was_put_in_is_found_without_bias_and_within_the_errors(
    name: str, least: int, pulls: Pulls
) -> None:
    found = np.array(pulls[name])
    assert len(found) >= least
    assert abs(found.mean()) < 4 / np.sqrt(len(found))
    assert np.abs(found).max() < 4.5
    assert 0.4 < found.std() < 1.3


@pytest.mark.parametrize(("instrument", "number"), [("acs", 3), ("acs", 10), ("wfc3", 4)])
def test_hot_pixels_are_found_and_with_them_hits_in_a_single_pixel(
    instrument: str, number: int, tmp_path: Path
) -> None:
    contents, pulls = INSTRUMENTS[instrument], []
    for index in range(number, CYCLES * LENGTH[instrument], LENGTH[instrument]):
        name = f"{contents.locate(index).rootname}_flt.fits"
        (tmp_path / name).write_bytes(contents.open_exposure(SEED, index)(name))
        file = InputFile(name, "flt", tmp_path / name)
        outcome = measure_observation(ExposureTask(name[:9], (file,), None))  # type: ignore[arg-type]
        assert outcome.status == "made"
        rows = outcome.rows["image_statistics"]
        numbers = np.array([row["hot_pixels"] for row in rows], dtype=float)
        errors = np.array([row["hot_pixels_error"] for row in rows], dtype=float)
        expected = sum(
            int(images.hot.sum()) + _count_single(images.cosmic_rays)
            for images in expose(make_exposure(SEED, Place(instrument, index)))
        )
        pulls.append((numbers.sum() - expected) / np.hypot.reduce(errors))
    assert abs(np.mean(pulls)) < 4 / np.sqrt(len(pulls))


def _count_single(is_hit: np.ndarray) -> int:
    labels, number = label(is_hit, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())[1:]
    assert number > 10
    return int(np.count_nonzero(sizes == 1))

"""The simulated exposures for the gain: complete, small, and the same whatever else there is."""

import json
from itertools import pairwise

import numpy as np
import pytest
from astropy.io import fits

from hstql_assets.headers.summary import summarize
from hstql_resources.archive.simulated.cos.instrument import G130M
from hstql_resources.archive.simulated.cos_monitoring.archive_contents import GAIN
from hstql_resources.archive.simulated.cos_monitoring.gain import FLUENCE_PER_DAY as PER_DAY
from hstql_resources.archive.simulated.cos_monitoring.gain import (
    PATCHES,
    GainPlace,
    modal_gain,
)
from hstql_resources.fits.file_headers import read_headers


def test_rootnames_are_found_again_and_no_other_is() -> None:
    names = [GAIN.locate(index).rootname for index in range(GAIN.count(300))]
    assert len(set(names)) == 300
    assert [GAIN.find_index(name) for name in names] == list(range(300))
    for name in ("lg0000000", "lg000001q", "ls000101q", "lg000102q", "lgzzzz01q", "lg"):
        assert GAIN.find_index(name) is None
    with pytest.raises(ValueError, match="1000 epochs"):
        GainPlace.locate(1000)


def test_an_exposure_depends_on_seed_and_index_alone() -> None:
    name = GAIN.list_filenames(4)[0]
    first, again, other = (GAIN.open_exposure(seed, 4)(name) for seed in (1, 1, 2))
    assert first == again != other


def test_files_are_small_and_whole_and_say_that_they_are_simulated(tmp_path) -> None:
    make = GAIN.open_exposure(1, 7)
    for name in GAIN.list_filenames(7):
        content = make(name)
        assert len(content) < 1.5e6
        (tmp_path / name).write_bytes(content)
        if name.endswith(".json"):
            continue
        with fits.open(tmp_path / name) as hdus:
            hdus.verify("exception")
            assert hdus[0].header["SIMULATD"] is True
            assert hdus[0].header["ROOTNAME"] == GainPlace.locate(7).rootname


def test_the_header_step_takes_it_for_calibration_not_for_science(tmp_path) -> None:
    make, rootname = GAIN.open_exposure(1, 7), GainPlace.locate(7).rootname
    paths = [tmp_path / name for name in GAIN.list_filenames(7) if name.endswith("fits")]
    for path in paths:
        path.write_bytes(make(path.name))
    read = [read_headers(path, path.stem.partition("_")[2]) for path in paths]
    summary = summarize(rootname, read)
    assert not summary.is_timetag_science
    assert summary.columns["target_name"] == "ANY"
    assert summary.columns["exp_start_mjd"] == GainPlace.locate(7).start_mjd


def test_the_truth_is_the_law() -> None:
    place = GainPlace.locate(7)
    truth = json.loads(GAIN.open_exposure(1, 7)(f"{place.rootname}_truth.json"))
    for stated, patch in zip(truth["patches"], PATCHES, strict=True):
        assert stated["modal_gain"] == modal_gain(patch, place.start_mjd)
        assert (stated["segment"], stated["x"], stated["y"]) == (patch.segment, patch.x, patch.y)


def test_patches_lie_apart_within_the_rows_that_are_watched() -> None:
    areas = {readout.segment: readout.active for readout in G130M.readouts}
    for patch in PATCHES:
        left, right, low, high = areas[patch.segment]
        assert left < 8 * patch.x
        assert 8 * (patch.x + patch.columns) < right
        assert max(low, 400) <= 2 * patch.y
        assert 2 * (patch.y + patch.rows) <= min(high, 600)
    for segment in areas:
        places = sorted((one.x, one.x + one.columns) for one in PATCHES if one.segment == segment)
        assert all(before[1] < after[0] for before, after in pairwise(places))


def test_the_gain_falls_in_proportion_to_the_light() -> None:
    days = np.array([0.0, 100.0, 700.0])
    for patch in PATCHES:
        gains = [modal_gain(patch, 58484.0 + day) for day in days]
        assert np.subtract(gains[0], gains) == pytest.approx(patch.loss * 1e-6 * PER_DAY * days)

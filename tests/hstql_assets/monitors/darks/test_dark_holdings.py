import io

import numpy as np
import pytest
from astropy.io import fits

from hstql_assets.batching.input_files import InputFile
from hstql_assets.headers.scanning import HeaderTask, scan_headers
from hstql_resources.archive.simulated.cos_monitoring.archive_contents import DARKS
from hstql_resources.archive.simulated.cos_monitoring.darks import DarkPlace
from hstql_resources.archive.simulated.cos_monitoring.epochs import MAXIMUM_EPOCHS, epoch_mjd


def test_names_lead_back_to_exposures():
    names = [DARKS.locate(index).rootname for index in range(DARKS.count(MAXIMUM_EPOCHS))]
    assert len(set(names)) == len(names)
    assert [DARKS.find_index(name) for name in names] == list(range(len(names)))
    assert {name[:2] for name in names} == {"ld", "le"}


@pytest.mark.parametrize("name", ["ls000101q", "ld9m10ujq", "ld000001q", "ld000102q", "ldzzzzzzq"])
def test_other_names_are_none_of_these(name):
    assert DARKS.find_index(name) is None


def test_there_is_no_exposure_beyond_the_last():
    with pytest.raises(ValueError, match="2000"):
        DarkPlace.locate(2 * MAXIMUM_EPOCHS)


def test_each_epoch_has_an_exposure_of_each_detector():
    for index in range(12):
        place = DARKS.locate(index)
        assert 0.0 <= place.start_mjd - epoch_mjd(index // 2) <= 0.2
        assert place.detector == ("FUV", "NUV")[index % 2]


@pytest.mark.parametrize("index", [0, 1, 4, 5, 10, 11])
def test_files_are_whole_and_small_and_always_the_same(index):
    make, again = (DARKS.open_exposure(7, index) for _ in range(2))
    other = DARKS.open_exposure(8, index)
    total = 0
    for name in DARKS.list_filenames(index):
        content = make(name)
        total += len(content)
        assert content == again(name)
        if "corrtag" not in name:
            continue
        assert content != other(name)
        with fits.open(io.BytesIO(content)) as hdus:
            hdus.verify("exception")
            assert hdus[0].header["SIMULATD"] is True
            assert (hdus[0].header["TARGNAME"], hdus[0].header["EXPTYPE"]) == ("DARK", "DARK")
            assert hdus["EVENTS"].header["NAXIS2"] == len(hdus["EVENTS"].data)
            assert np.all(np.diff(hdus["EVENTS"].data["TIME"]) >= 0.0)
    assert total < 2_500_000


@pytest.mark.parametrize("index", [0, 1])
def test_the_header_step_knows_a_dark(tmp_path, index):
    make, key = DARKS.open_exposure(7, index), DARKS.locate(index).rootname
    files = []
    for name in DARKS.list_filenames(index):
        if name.endswith(".fits"):
            (tmp_path / name).write_bytes(make(name))
            files.append(InputFile(name, name[10:-5], tmp_path / name))
    outcome = scan_headers(HeaderTask(key, tuple(files)))
    assert (outcome.status, outcome.bad_files) == ("made", ())
    sets = str(outcome.metadata["partition_sets"]).split()
    assert "dark_rootname" in sets
    assert "cos_timetag_rootname" not in sets
    (row,) = outcome.rows["observations"]
    assert row["target_name"] == "DARK"
    assert row["exp_start_mjd"] == DARKS.locate(index).start_mjd

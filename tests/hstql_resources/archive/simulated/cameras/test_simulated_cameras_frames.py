"""The sizes of simulated camera frames, full and binned."""

import numpy as np
import pytest
from astropy.io import fits

from builders.camera_frames import write_observation
from hstql_resources.archive.simulated.cameras.catalogue import Place
from hstql_resources.archive.simulated.cameras.detectors import DETECTORS
from hstql_resources.archive.simulated.cameras.frames import lay_out

HOT = 16


@pytest.mark.parametrize(
    ("detector", "raw_shape", "shape", "chips"),
    [
        ("WFC", (2068, 4144), (2048, 4096), 2),
        ("HRC", (1044, 1062), (1024, 1024), 1),
        ("SBC", (1024, 1024), (1024, 1024), 1),
        ("UVIS", (2070, 4206), (2051, 4096), 2),
        ("IR", (1024, 1024), (1014, 1014), 1),
    ],
)
def test_full_frames_have_the_sizes_of_real_ones(detector, raw_shape, shape, chips):
    frames = lay_out(DETECTORS[detector], 1)
    assert [frame.raw_shape for frame in frames] == [raw_shape] * chips
    assert [frame.shape for frame in frames] == [shape] * chips


def test_full_frames_can_be_written(tmp_path):
    paths = write_observation(tmp_path, Place("acs", 5), ("raw", "flt"), seed=2, binning=1)
    assert [path.name for path in paths] == ["js0001a6q_raw.fits", "js0001a6q_flt.fits"]
    with fits.open(paths[0]) as raw, fits.open(paths[1]) as flt:
        assert raw["SCI"].shape == (1044, 1062)
        assert flt["SCI"].shape == (1024, 1024)
        assert flt["SCI"].header["BINAXIS1"] == 1
        assert raw["SCI"].header["LTV1"] == 19.0
        assert raw["SCI"].header["SIZAXIS1"] == 1062
        hot = np.count_nonzero(flt["DQ"].data & HOT) / 1024**2
    assert 0.003 < hot < 0.009

"""The files and rows that are made of all images: boxes, pulse-height limits, totals, lines."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis.extra.numpy import arrays

from builders.gain_trend_maps import FIRST_MJD, make_patch, read_series, write_series
from builders.quiet_reading import require_readable
from hstql_assets.monitors.gain.charts import merge_regions, to_pixels
from hstql_assets.monitors.gain.line_maps import trend_rows, write_line_maps
from hstql_assets.monitors.gain.pulse_height_limits import (
    limit_pulse_heights,
    name_limits_file,
    write_limits,
)
from hstql_assets.monitors.gain.series import Series
from hstql_assets.monitors.gain.total_gain import TotalGain

NAN = np.nan


@given(arrays(np.bool_, (6, 9)))
def test_boxes_cover_what_is_set_and_nothing_else(mask):
    covered = np.zeros(mask.shape, dtype=int)
    for left, right, bottom, top in zip(*merge_regions(mask), strict=True):
        covered[bottom:top, left:right] += 1
    assert np.array_equal(covered, mask.astype(int))


def test_a_rectangle_is_one_box_in_pixels():
    mask = np.zeros((512, 2048), dtype=bool)
    mask[240:250, 100:120] = True
    left, right, bottom, top = to_pixels(merge_regions(mask))
    assert (left, right, bottom, top) == ([799.5], [959.5], [479.5], [499.5])


def test_pulse_height_limits_follow_the_gain():
    low, high = limit_pulse_heights(np.array([0.0, NAN, 1.5, 9.0, 9.4, 12.0, 19.9, 25.0]))
    assert low.tolist() == [2, 2, 2, 2, 3, 5, 13, 18]
    assert high.tolist() == [23, 23, 4, 12, 12, 15, 22, 23]
    assert low.dtype == high.dtype == np.uint8


def test_calcos_takes_the_pulse_height_limits(tmp_path):
    ccos = pytest.importorskip("calcos.ccos")
    path = tmp_path / name_limits_file(57000.25)
    assert path.name == "l_2014343060000_phaimage_cci_phf.fits"
    write_limits(path, {"FUVB": make_patch([12.0])}, {"FUVB": 163}, 57000.25)
    require_readable(path)
    # As timetag.filterPHA reads it. The superpixel is rows 480 and 481, columns 800 to 807.
    with fits.open(path, mode="copyonwrite") as hdus:
        assert hdus[0].header["FILETYPE"] == "PULSE HEIGHT THRESHOLD REFERENCE IMAGE"
        images = {(name, i): hdus[name, i].data for name in ("FUVA", "FUVB") for i in (1, 2)}
    assert {image.shape for image in images.values()} == {(1024, 16384)}
    heights = np.arange(32, dtype=np.int16)
    for x, y, allowed in ((800, 480, range(5, 16)), (807, 481, range(5, 16)),
                          (808, 480, range(2, 24)), (800, 482, range(2, 24))):  # fmt: skip
        dq = np.zeros(32, dtype=np.int16)
        place = (np.full(32, float(one), dtype=np.float32) for one in (x, y))
        ccos.pha_check(*place, heights, dq, images["FUVB", 1], images["FUVB", 2], 512)
        assert np.flatnonzero(dq == 0).tolist() == list(allowed)
    assert (images["FUVA", 1].min(), images["FUVA", 2].max()) == (2, 23)


def make_one(folder: Path, gains, mjds, voltage=163) -> Series:
    """Return the series of one superpixel's gains."""
    table = dict(zip(mjds, gains, strict=True))
    images = write_series(folder, lambda mjd: make_patch([table[mjd]]), mjds, voltage=voltage)
    return read_series(folder, images)


def test_the_total_gain_is_the_earliest_and_latest_of_the_usual_voltages(tmp_path):
    total = TotalGain()
    total.add(make_one(tmp_path, [NAN, 9.0, 8.0], [57000.0, 57010.0, 57020.0], 163))
    total.add(make_one(tmp_path, [7.0, 6.0, NAN], [57005.0, 57015.0, 57030.0], 167))
    total.add(make_one(tmp_path, [20.0, 20.0], [56000.0, 58000.0], 178))  # not a usual voltage
    total.add(make_one(tmp_path, [15.0, 14.0], [55000.0, 55060.0], 169))  # before normal work
    path = tmp_path / "total.fits"
    total.write(path)
    require_readable(path)
    with fits.open(path) as hdus:
        names = [hdu.name for hdu in hdus[1:5]]
        assert names == ["FUVAINIT", "FUVBINIT", "FUVALAST", "FUVBLAST"]
        place = (240, 100)
        assert hdus["FUVALAST"].data[place] == 8.0
        assert hdus["FUVALAST_HV"].data[place] == 163
        assert hdus["FUVALAST_MJD"].data[place] == 57020.0
        assert np.count_nonzero(hdus["FUVALAST"].data) == 1
        assert not hdus["FUVBLAST"].data.any()
        found = hdus["FUVAINIT"].data[place], hdus["FUVAINIT_HV"].data[place]
    # The first gain of 169 is of before normal work, and it is all that is kept of its beginning.
    assert found == (7.0, 167)


def test_rows_and_maps_of_lines_say_the_same(tmp_path):
    mjds = FIRST_MJD + 30.0 * np.arange(8)
    slopes = np.array([-0.01, -0.00001, 0.01])
    images = write_series(
        tmp_path, lambda mjd: make_patch(10.0 + slopes * (mjd - FIRST_MJD)), mjds, error=0.01
    )
    series = read_series(tmp_path, images)
    (row,) = trend_rows(series)
    path = tmp_path / "lines.fits"
    write_line_maps(series, path)
    require_readable(path)
    assert row["segment"] == "FUVA"
    assert (row["high_voltage"], row["x"], row["y"], row["measurements"]) == (163, 100, 240, 8)
    assert row["projected_mjd"] == pytest.approx(FIRST_MJD + 700.0, abs=0.01)
    names = {"PROJBAD": "projected_mjd", "PROJERR": "projected_error_d", "SLOPE": "slope",
             "SLOPEERR": "slope_error", "GAIN": "gain", "GAINERR": "gain_error",
             "REFMJD": "reference_mjd", "NUMBER": "measurements"}  # fmt: skip
    with fits.open(path) as hdus:
        assert {name: hdus[name].data[240, 100] for name in names} == {
            name: row[column] for name, column in names.items()
        }
        assert np.isfinite(hdus["SLOPE"].data).sum() == 3
        assert hdus[0].header["DETHV"] == 163
    assert all(type(row[column]) in (int, float, str) for column in row)

import json

import numpy as np
import pytest

from hstql_assets.monitors.darks.solar_flux import SolarFlux, read_solar_flux
from hstql_resources.fits.errors import UnusableFileError

DSD = """:Product: 2014 Daily Solar Data            2014_DSD.txt
:Issued: 0225 UT 08 Jan 2015
#
#  Prepared by the U.S. Department of Commerce, NOAA, Space Weather Prediction Center
2014 01 01  157    173     1710      0    -999   B8.3   6  1  0 13  1  0  0
2014 01 02  161    178     1680      2    -999   C1.1   9  2  0 18  1  0  0
2014 01 03   -1    178     1680      2    -999   C1.1   9  2  0 18  1  0  0
"""


def test_daily_solar_data_are_at_noon_and_without_missing_values(tmp_path):
    path = tmp_path / "2014_DSD.txt"
    path.write_text(DSD)
    flux = read_solar_flux(path)
    assert flux.mjd.tolist() == [56658.5, 56659.5]
    assert flux.flux.tolist() == [157.0, 161.0]


def test_two_columns_are_mjd_and_flux(tmp_path):
    path = tmp_path / "solar_flux.txt"
    path.write_text("# mjd flux\n56660.0 150.5\n56658.0 149.5\n56659.0 0\n")
    flux = read_solar_flux(path)
    assert (flux.mjd.tolist(), flux.flux.tolist()) == ([56658.0, 56660.0], [149.5, 150.5])


def test_monthly_indices_are_in_the_middle_of_the_month(tmp_path):
    path = tmp_path / "observed-solar-cycle-indices.json"
    months = [{"time-tag": "1749-01", "ssn": 96.7, "f10.7": -1.0},
              {"time-tag": "2014-02", "ssn": 146.1, "f10.7": 170.3}]  # fmt: skip
    path.write_text(json.dumps(months))
    flux = read_solar_flux(path)
    assert flux.mjd.tolist() == [56703.0]  # 2014-02-15
    assert flux.flux.tolist() == [170.3]


def test_a_folder_has_many_files(tmp_path):
    (tmp_path / "2014_DSD.txt").write_text(DSD)
    (tmp_path / "2015_DSD.txt").write_text("2015 01 01 140 100 900 0 -999 B4 0 0 0 0 0 0 0\n")
    (tmp_path / "README").write_text("not a flux")
    assert len(read_solar_flux(tmp_path).mjd) == 3


@pytest.mark.parametrize(
    "content",
    ["", "# nothing\n", "one two\n", "2014 13 01 157\n", "2014 01\nx", "[1, 2]", '{"a": ', "[]",
     "56658.0 -1\n", "56658.0 nan\n", "nan 150\n", "inf 150\n", "12345\n",
     '[{"time-tag": "2014-02"}]'],
)  # fmt: skip
def test_a_bad_file_is_one_sentence(tmp_path, content):
    path = tmp_path / "flux.txt"
    path.write_text(content)
    with pytest.raises(UnusableFileError, match=r"flux.txt .*\.$"):
        read_solar_flux(path)


def test_a_file_that_is_not_there_or_no_text_is_one_sentence(tmp_path):
    with pytest.raises(UnusableFileError, match="cannot be read"):
        read_solar_flux(tmp_path / "nowhere.txt")
    path = tmp_path / "flux.txt"
    path.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(UnusableFileError, match="no text"):
        read_solar_flux(path)


def test_smoothing_takes_81_days_and_stops_before_the_ends():
    mjd = np.arange(58000.0, 58300.0)
    rotation = 10.0 * np.sin(2.0 * np.pi * (mjd - 58000.0) / 27.0)
    smooth = SolarFlux(mjd, 70.0 + 0.05 * (mjd - 58000.0) + rotation).smoothed()
    is_known = np.isfinite(smooth)
    assert is_known.tolist() == ((mjd >= 58040.5) & (mjd <= 58258.5)).tolist()
    assert smooth[is_known] == pytest.approx(70.0 + 0.05 * (mjd[is_known] - 58000.0), abs=0.2)

"""Columns of tables, and numbers of instruments, from texts."""

from types import SimpleNamespace

import numpy as np
import pytest
from astropy.io import fits
from pydantic import ValidationError

from hstql_resources.archive.simulated.columns import fill_columns
from hstql_resources.archive.simulated.instrument_data import load_data
from hstql_resources.archive.simulated.sky.fitsfile import Table, make_file


def read_table(folder, columns):
    path = folder / "table.fits"
    path.write_bytes(make_file("", [Table("TABLE", columns)]))
    with fits.open(path) as hdus:
        hdus.verify("exception")
        return hdus[1].columns, np.array(hdus[1].data)


def test_columns_are_of_values_attributes_and_constants(tmp_path):
    rows = [
        SimpleNamespace(stripe=SimpleNamespace(segment=segment, row=425.2), aperture="PSA")
        for segment in ("FUVA", "FUVB")
    ]
    for row in rows:
        row.setting = SimpleNamespace(opt_elem="G130M", cenwave=1291)
    pixels = np.arange(6.0).reshape(2, 3)
    columns = fill_columns("cos_raw/FLUXTAB", {"WAVELENGTH": pixels, "SENSITIVITY": pixels}, rows)
    text, data = read_table(tmp_path, columns)
    assert text.formats == ["4A", "7A", "1I", "4A", "3D", "3E"]
    assert text["WAVELENGTH"].unit == "angstrom"
    assert data["SEGMENT"].tolist() == [b"FUVA", b"FUVB"]
    assert data["CENWAVE"].tolist() == [1291, 1291]
    np.testing.assert_array_equal(data["SENSITIVITY"], pixels)


def test_a_bare_value_is_a_column_of_its_type(tmp_path):
    columns = fill_columns("cos_raw/BRSTTAB", {"SEGMENT": ("FUVA", "FUVB")})
    text, data = read_table(tmp_path, columns)
    assert text["DELTA_T"].format == "1D"
    assert text["MAX_ITER"].format == "1I"
    assert data["MAX_ITER"].tolist() == [20, 20]
    assert len(fill_columns("cos_raw/SPOTTAB", {})[0].values) == 1


def test_values_that_are_missing_are_named():
    with pytest.raises(AttributeError, match="setting"):
        fill_columns("cos_raw/XTRACTAB", {}, [SimpleNamespace(stripe=SimpleNamespace(segment=""))])


def test_a_text_of_something_else_is_refused():
    with pytest.raises(ValidationError, match="WFC"):
        load_data("cameras/detectors", dict[str, float])

"""Rows held as columns."""

import struct

import numpy as np

from hstql_resources import columns
from hstql_resources.columns import Columns, Gathering

KINDS = {"mjd": float, "name": str, "flash": float}


def write(mjd: float, flash: float, name: str) -> bytes:
    return f"{struct.pack('>2d', mjd, flash).hex()}\t{name}\n".encode()


def test_rows_become_arrays_with_nan_for_null(monkeypatch) -> None:
    monkeypatch.setattr(columns, "LINES_AT_ONCE", 2)
    gathering = Gathering(KINDS)
    for line in (write(1.0, 7.0, "a"), write(np.nan, 8.0, "b"), write(3.0, 9.0, r"\N")):
        gathering.write(line[:20])  # wherever it is cut
        gathering.write(line[20:])
    found = gathering.finish()
    assert (len(found), found.names) == (3, ("mjd", "name", "flash"))
    np.testing.assert_array_equal(found["mjd"], [1.0, np.nan, 3.0])
    assert found["flash"].tolist() == [7.0, 8.0, 9.0]
    assert found["name"].tolist() == ["a", "b", None]
    assert found.where(found["mjd"] > 0.0)["name"].tolist() == ["a", None]


def test_no_rows_have_their_columns_all_the_same() -> None:
    found = Gathering(KINDS).finish()
    assert (len(found), found.numbers("mjd").size, found["name"].dtype) == (0, 0, object)


def test_a_column_of_objects_can_be_had_as_numbers() -> None:
    found = Columns.of([{"mjd": 1}, {"mjd": None}])
    np.testing.assert_array_equal(found.numbers("mjd"), [1.0, np.nan])

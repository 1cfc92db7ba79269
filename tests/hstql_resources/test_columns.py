"""Rows held as columns."""

import numpy as np

from hstql_resources.columns import Columns, gather


def test_parts_become_arrays_with_nan_for_null() -> None:
    kinds = {"mjd": True, "name": False}
    columns = gather(kinds, [[(1.0, "a"), (None, "b")], [(3, None)]])
    assert (len(columns), columns.names) == (3, ("mjd", "name"))
    np.testing.assert_array_equal(columns["mjd"], [1.0, np.nan, 3.0])
    assert columns["name"].tolist() == ["a", "b", None]
    assert columns.where(columns["mjd"] > 0.0)["name"].tolist() == ["a", None]


def test_no_rows_have_their_columns_all_the_same() -> None:
    columns = gather({"mjd": True, "name": False}, [])
    assert (len(columns), columns.numbers("mjd").size, columns["name"].dtype) == (0, 0, object)


def test_a_column_of_objects_can_be_had_as_numbers() -> None:
    columns = Columns.of([{"mjd": 1}, {"mjd": None}])
    np.testing.assert_array_equal(columns.numbers("mjd"), [1.0, np.nan])

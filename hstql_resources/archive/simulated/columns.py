"""Fill the columns of tables that are texts: names, formats and units of real files.

In the file columns.toml of a room each table lists its columns in order. A column says its `form`,
with the repeat count left out where it follows from the values, and its `unit` and `display` where
it has any. Its values are those that are called like it, or as `of` says; `value` is one that all
rows have, and a bare value stands for such a column in the usual form of its type.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hstql_resources.archive.simulated.instrument_data import load_data
from hstql_resources.archive.simulated.sky.fitsfile import Column

Scalar = str | int | float
_FORMS = {str: "4A", int: "1I", float: "1D"}  # of columns with one value


@dataclass(frozen=True)
class _Text:
    """What a text says of a column."""

    form: str
    unit: str = ""
    display: str = ""
    scale: float | None = None
    of: str = ""
    value: Scalar | None = None


def fill_columns(name: str, values: Mapping[str, Any], rows: Sequence[object] = ()) -> list[Column]:
    """Return the columns of a table.

    Parameters
    ----------
    name : str
        Room and table, such as `cos/events`.
    values : mapping of str to array_like
        One for each row, by the name that the text calls them; others are left aside.
    rows : sequence of object, optional
        What has the other values as attributes, one object for each row.

    Raises
    ------
    AttributeError
        If neither `values` nor `rows` have those of a column.
    """
    room, _, table = name.partition("/")
    size = len(rows) or len(np.atleast_1d(next(iter(values.values()), 0)))
    columns = []
    for column, text in _load_tables(room)[table].items():
        one = text if isinstance(text, _Text) else _Text(_FORMS[type(text)], value=text)
        data = _choose(one.of or column, one, values, rows, size)
        form = one.form if one.form[0].isdigit() else f"{np.shape(data)[1]}{one.form}"
        columns.append(Column(column, form, data, one.unit, one.display, one.scale))
    return columns


def _choose(
    key: str, text: _Text, values: Mapping[str, Any], rows: Sequence[object], size: int
) -> ArrayLike:
    if text.value is not None:
        return [text.value] * size
    return values[key] if key in values else [attrgetter(key)(row) for row in rows]


@cache
def _load_tables(room: str) -> dict[str, dict[str, _Text | Scalar]]:
    return load_data(f"{room}/columns", dict[str, dict[str, _Text | Scalar]])

"""Hold the rows of a select as columns, an array each: of millions, a fraction of the memory."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Columns:
    """Rows as arrays of shape (n,), by name.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Numbers as float64 with NaN for NULL, all else as objects.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._arrays = arrays

    def __len__(self) -> int:
        return len(next(iter(self._arrays.values())))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self._arrays)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column as it is held."""
        return self._arrays[name]

    def numbers(self, name: str) -> Floats:
        """Return a column as numbers, NaN for NULL; a copy."""
        return np.array(self._arrays[name], np.float64)

    def where(self, chosen: NDArray[Any]) -> "Columns":
        """Return some of the rows: a mask of shape (n,), or places of shape (m,)."""
        return Columns({name: values[chosen] for name, values in self._arrays.items()})

    @classmethod
    def of(cls, rows: Sequence[Any]) -> "Columns":
        """Return mappings, or objects with attributes, one at least and all alike, as columns."""
        dicts = [row if isinstance(row, Mapping) else vars(row) for row in rows]
        return cls({name: to_objects([row[name] for row in dicts]) for name in dicts[0]})


def to_objects(values: Sequence[Any]) -> NDArray[np.object_]:
    """Return values as an array of objects; the same text is one object."""
    array = np.empty(len(values), np.object_)
    array[:] = [sys.intern(one) if type(one) is str else one for one in values]
    return array


def gather(are_numbers: Mapping[str, bool], parts: Iterable[Sequence[Any]]) -> Columns:
    """Return the rows of all parts as columns; for each name, whether it has numbers."""
    makers = [_to_numbers if is_number else to_objects for is_number in are_numbers.values()]
    found: list[list[NDArray[Any]]] = [[make(())] for make in makers]
    for rows in parts:
        for into, make, values in zip(found, makers, zip(*rows, strict=True), strict=True):
            into.append(make(values))
    return Columns(
        {name: np.concatenate(pieces) for name, pieces in zip(are_numbers, found, strict=True)}
    )


def _to_numbers(values: Sequence[Any]) -> Floats:
    return np.array(values, np.float64)

"""Hold the rows of a select as columns, an array each: of millions, a fraction of the memory."""

import sys
from binascii import unhexlify
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_resources.postgres.copy_text import decode_cells, split_rows

LINES_AT_ONCE = 20_000
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


class Gathering:
    """Takes rows as COPY sends them, like a file that is written to, and makes columns of them.

    A row is the big-endian float64 of all numbers, in hexadecimal digits, then all else.

    Parameters
    ----------
    kinds : mapping of str to type
        The columns: float for numbers, bool, or str.
    """

    def __init__(self, kinds: Mapping[str, type]) -> None:
        self._kinds = kinds
        self._found: dict[str, list[NDArray[Any]]] = {
            name: [np.empty(0, np.float64 if kind is float else np.object_)]
            for name, kind in kinds.items()
        }
        self._lines: list[bytes] = []

    def write(self, lines: bytes) -> None:
        """Take the next lines, or a part of one."""
        self._lines.append(lines)
        if len(self._lines) >= LINES_AT_ONCE:
            self._take()

    def finish(self) -> Columns:
        """Return all rows."""
        self._take()
        return Columns({name: np.concatenate(self._found.pop(name)) for name in self._kinds})

    def _take(self) -> None:
        whole, _, rest = b"".join(self._lines).rpartition(b"\n")
        self._lines = [rest]
        if not whole:
            return
        packed, *others = split_rows(whole)
        numbers = [name for name, kind in self._kinds.items() if kind is float]
        block = np.frombuffer(unhexlify(b"".join(packed)), ">f8").reshape(len(packed), -1)
        for name, values in zip(numbers, block.T, strict=True):
            self._found[name].append(values.astype(np.float64))
        texts = [(name, kind) for name, kind in self._kinds.items() if kind is not float]
        for (name, kind), cells in zip(texts, others, strict=True):
            column = np.empty(len(cells), np.object_)
            column[:] = decode_cells(cells, kind)
            self._found[name].append(column)

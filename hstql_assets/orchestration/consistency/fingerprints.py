"""Hold very many texts in 8 bytes each, to tell whether one is among them.

Two texts share a fingerprint once in 10^19: of a million files held against a million rows, one
is taken for another once in ten million times.
"""

from array import array
from bisect import bisect_left
from collections.abc import Container, Iterable, Sized
from itertools import pairwise


class Paths(Container[object], Sized):
    """Texts of which only is asked whether they are there.

    Parameters
    ----------
    texts : iterable of str
        Any number; no two with the same fingerprint are told apart.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._sorted = array("q", sorted(array("q", map(hash, texts))))

    def __contains__(self, text: object) -> bool:
        place = bisect_left(self._sorted, fingerprint := hash(text))
        return place < len(self._sorted) and self._sorted[place] == fingerprint

    def __len__(self) -> int:
        return len(self._sorted)


def find_repeated(fingerprints: Iterable[int]) -> frozenset[int]:
    """Return the fingerprints that are there twice."""
    return frozenset(one for one, other in pairwise(sorted(fingerprints)) if one == other)

"""Keep the images that were looked at last, up to a limit of memory."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from hstql_resources.fits.header_values import finite
from hstql_web.explorer.coding import Coding, choose_coding, find_percentiles
from hstql_web.explorer.contents import Plane, Stamp, is_read_by_rows, read_rows
from hstql_web.explorer.pyramid import Pyramid, build

HELD_MB = 256  # of all images together


@dataclass(frozen=True, eq=False)
class Kept:
    """An image, how it is packed, and its percentiles."""

    image: Pyramid
    coding: Coding
    percentiles: list[float | None]


class Store:
    """The images that were looked at last, each built once however many ask.

    Parameters
    ----------
    most : int
        Bytes of all together; the last one is kept in any case.
    """

    def __init__(self, most: int = HELD_MB * 1_000_000) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._building: dict[Hashable, threading.Lock] = {}

    @property
    def held(self) -> int:
        """Bytes in memory."""
        return sum(one.image.held for one in self._held.values())

    def find(self, stamp: Stamp, plane: Plane, *, are_flags: bool = False) -> Kept:
        """Return an image, built if it is not there; FitsError or OSError if it cannot be read."""
        key = stamp, plane.number, are_flags
        with self._lock:
            building = self._building.setdefault(key, threading.Lock())
        try:
            with building:
                return self._take(key) or self._keep(key, build(stamp, plane, are_flags=are_flags))
        finally:
            with self._lock:
                self._building.pop(key, None)

    def read_pixel(self, stamp: Stamp, plane: Plane, row: int, column: int) -> Any:
        """Return what stands in a pixel, counted from 0, without the rest where that can be."""
        if is_read_by_rows(stamp, plane):
            return read_rows(stamp, plane, row, row + 1)[0, column]
        return self.find(stamp, plane).image.read(row, row + 1)[0, column]

    def _take(self, key: Hashable) -> Kept | None:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def _keep(self, key: Hashable, image: Pyramid) -> Kept:
        percentiles = [finite(one) for one in find_percentiles(image)]
        kept = Kept(image, choose_coding(image), percentiles)
        with self._lock:
            self._held[key] = kept
            while len(self._held) > 1 and self.held > self._most:
                self._held.popitem(last=False)
        return kept


STORE = Store()

"""Hold all flashes as columns: what trends are made of."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_resources.columns import Columns, to_objects
from hstql_resources.times import SECONDS_PER_DAY

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

# Values and, where there are few that differ, which of them each row has.
_Column = tuple[NDArray[Any], NDArray[Any] | None]

UNKNOWN = "unknown"  # in place of a text that is not there
TIMES_MJD = (48_000.0, 88_000.0)  # Hubble began in April 1990, and nothing is later than 2099
# The segment that stands for an exposure where one is enough, and those to take in its place.
LEADING = {"FUV": ("FUVA", "FUVB"), "NUV": ("NUVB", "NUVA", "NUVC")}


class FlashTable:
    """Flashes of many exposures; each array of shape (n,), NaN for what is not known.

    A part of a table is the places of its rows, and its columns are put together when they are
    asked for: a copy of all for each part would be most of the memory.

    Attributes
    ----------
    rootname, filetype, detector, segment, opt_elem : ndarray of str
        `unknown` where the header says nothing.
    exposure : ndarray of int
        Number of the rootname, in the order of the names in the whole table.
    flash : ndarray of int
        Number of the flash in its exposure, from 1.
    cenwave, fppos, life_adj : ndarray of float
    start_mjd, time_s : ndarray of float
        EXPSTART, MJD UTC, NaN too if it cannot be; time of the flash since then, s.
    disp, xdisp : ndarray of float
        Shifts as measured, pixel.
    without_fppos : ndarray of float
        `disp` less the FP-POS, pixel; NaN where LAMPTAB was not at hand.
    search_offset, search_range : ndarray of float
        Middle and half of the range of WCPTAB, pixel.
    is_found : ndarray of bool
        False where CalCOS found no lamp: the shift is then a copy or a guess.
    """

    rootname: Texts
    exposure: NDArray[np.int32]
    filetype: Texts
    detector: Texts
    segment: Texts
    opt_elem: Texts
    flash: NDArray[np.int64]
    cenwave: Floats
    fppos: Floats
    life_adj: Floats
    start_mjd: Floats
    time_s: Floats
    disp: Floats
    xdisp: Floats
    without_fppos: Floats
    search_offset: Floats
    search_range: Floats
    is_found: Bools

    def __init__(self, columns: Mapping[str, _Column], places: NDArray[np.int32]) -> None:
        self._columns, self._places = columns, places
        self._lamps: dict[str, FlashTable] = {}

    def __getattr__(self, name: str) -> NDArray[Any]:
        if name not in self.__annotations__:
            raise AttributeError(name)
        values, codes = self._columns[name]
        return values[self._places if codes is None else codes[self._places]]

    def __len__(self) -> int:
        return len(self._places)

    @property
    def mjd(self) -> Floats:
        """Times of the flashes, MJD UTC; of a rawacq that of its start."""
        return self.start_mjd + np.nan_to_num(self.time_s) / SECONDS_PER_DAY

    @property
    def exposures(self) -> int:
        """How many exposures they are of."""
        return int(np.count_nonzero(np.bincount(self.exposure)))

    def where(self, chosen: Bools | NDArray[np.int64]) -> "FlashTable":
        """Return some of them: a mask of shape (n,), or places of shape (m,)."""
        return FlashTable(self._columns, self._places[chosen])

    def of_lamp(self, detector: str) -> "FlashTable":
        """Return the flashes of lampflash files of a detector in which the lamp was found."""
        if detector not in self._lamps:
            is_one = self.is_value("filetype", "lampflash") & self.is_value("detector", detector)
            self._lamps[detector] = self.where(is_one & self.is_found & np.isfinite(self.disp))
        return self._lamps[detector]

    def is_value(self, name: str, value: str) -> Bools:
        """Tell which rows have a text, by its number: to compare texts takes ten times as long."""
        values, codes = self._columns[name]
        is_one = np.asarray(values == value)
        return is_one[self._places if codes is None else codes[self._places]]

    def list_values(self, name: str) -> set[str]:
        """Return the different texts of a column."""
        values, codes = self._columns[name]
        return set(values[self._places if codes is None else np.unique(codes[self._places])])

    def first_flashes(self, detector: str) -> "FlashTable":
        """Return one flash for each exposure: the first of its leading segment, by time.

        That is the one closest to the last move of the mechanisms. Exposures without a time of
        their own are left out.
        """
        lamp = self.of_lamp(detector)
        rank = {segment: number for number, segment in enumerate(LEADING[detector])}
        ranks = np.array([rank[segment] for segment in lamp.segment], dtype=np.int64)
        exposure = lamp.exposure
        order = np.lexsort((lamp.flash, ranks, exposure))
        is_first = np.diff(exposure[order], prepend=-1) != 0
        chosen = lamp.where(order[is_first])
        return chosen.where(np.isfinite(chosen.start_mjd)).by_time()

    def by_time(self) -> "FlashTable":
        """Return them in the order of their times, then names."""
        return self.where(np.lexsort((self.exposure, self.mjd)))


def tabulate(rows: Columns) -> FlashTable:
    """Return rows of `osm_shifts` as columns."""

    def number(name: str) -> Floats:
        return np.asarray(rows[name], np.float64)

    start_mjd = rows.numbers("exp_start_mjd")
    start_mjd[~((start_mjd > TIMES_MJD[0]) & (start_mjd < TIMES_MJD[1]))] = np.nan
    names, exposure = _encode(_fill(rows["rootname"]))
    texts = ("filetype", "detector", "segment", "opt_elem")
    settings = ("cenwave", "fppos", "life_adj", "search_offset", "search_range")
    columns: dict[str, _Column] = {name: _encode(_fill(rows[name])) for name in texts}
    columns |= {name: _encode(number(name)) for name in settings}
    columns |= {
        "rootname": (names, exposure),
        "exposure": (exposure.astype(np.int32), None),
        "flash": (number("flash").astype(np.int64), None),
        "start_mjd": (start_mjd, None),
        "time_s": (number("time_s"), None),
        "disp": (number("shift_disp"), None),
        "xdisp": (number("shift_xdisp"), None),
        "without_fppos": (number("shift_without_fppos"), None),
        "is_found": (np.array([one is not False for one in rows["is_found"]], dtype=bool), None),
    }
    return FlashTable(columns, np.arange(len(rows), dtype=np.int32))


def _fill(texts: Texts) -> Texts:
    """Return texts with `unknown` for those that are not there; they themselves if all are."""
    is_gap = ~texts.astype(np.bool_)
    return np.where(is_gap, UNKNOWN, texts) if is_gap.any() else texts


def _encode(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the different values that there are, sorted, and of each place which of them it is."""
    if values.dtype != np.object_:
        known, codes = np.unique(values, return_inverse=True)
        return known, codes.astype(np.min_scalar_type(len(known)))
    names = sorted(set(values))
    numbers = {name: number for number, name in enumerate(names)}
    codes = np.array([numbers[name] for name in values], np.min_scalar_type(len(names)))
    return to_objects(names), codes

"""Hold all flashes as columns: what trends are made of."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from hstql_resources.columns import Columns
from hstql_resources.times import SECONDS_PER_DAY

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

UNKNOWN = "unknown"  # in place of a text that is not there
TIMES_MJD = (48_000.0, 88_000.0)  # Hubble began in April 1990, and nothing is later than 2099
# The segment that stands for an exposure where one is enough, and those to take in its place.
LEADING = {"FUV": ("FUVA", "FUVB"), "NUV": ("NUVB", "NUVA", "NUVC")}


@dataclass(frozen=True, eq=False)
class FlashTable:
    """Flashes of many exposures; each array of shape (n,), NaN for what is not known.

    Attributes
    ----------
    rootname, filetype, detector, segment, opt_elem : ndarray of str
        `unknown` where the header says nothing.
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

    def __len__(self) -> int:
        return len(self.rootname)

    @property
    def mjd(self) -> Floats:
        """Times of the flashes, MJD UTC; of a rawacq that of its start."""
        return self.start_mjd + np.nan_to_num(self.time_s) / SECONDS_PER_DAY

    @property
    def exposures(self) -> int:
        """How many exposures they are of."""
        return len(set(self.rootname))

    def where(self, chosen: Bools | NDArray[np.int64]) -> "FlashTable":
        """Return some of them: a mask of shape (n,), or places of shape (m,)."""
        columns = {one.name: getattr(self, one.name)[chosen] for one in fields(self)}
        return replace(self, **columns)

    def of_lamp(self, detector: str) -> "FlashTable":
        """Return the flashes of lampflash files of a detector in which the lamp was found."""
        is_one = (self.filetype == "lampflash") & (self.detector == detector)
        return self.where(is_one & self.is_found & np.isfinite(self.disp))

    def first_flashes(self, detector: str) -> "FlashTable":
        """Return one flash for each exposure: the first of its leading segment, by time.

        That is the one closest to the last move of the mechanisms. Exposures without a time of
        their own are left out.
        """
        lamp = self.of_lamp(detector)
        rank = {segment: number for number, segment in enumerate(LEADING[detector])}
        ranks = np.array([rank[segment] for segment in lamp.segment], dtype=np.int64)
        order = np.lexsort((lamp.flash, ranks, lamp.rootname.astype(str)))
        roots = lamp.rootname[order]
        is_first = np.ones(len(order), dtype=bool)
        is_first[1:] = roots[1:] != roots[:-1]
        chosen = lamp.where(order[is_first])
        return chosen.where(np.isfinite(chosen.start_mjd)).by_time()

    def by_time(self) -> "FlashTable":
        """Return them in the order of their times, then names."""
        return self.where(np.lexsort((self.rootname.astype(str), self.mjd)))


def tabulate(rows: Columns) -> FlashTable:
    """Return rows of `osm_shifts` as columns."""

    def text(name: str) -> Texts:
        values = rows[name].copy()
        values[[not one for one in values]] = UNKNOWN
        return values

    number = rows.numbers
    start_mjd = number("exp_start_mjd")
    start_mjd[~((start_mjd > TIMES_MJD[0]) & (start_mjd < TIMES_MJD[1]))] = np.nan
    return FlashTable(
        rootname=text("rootname"),
        filetype=text("filetype"),
        detector=text("detector"),
        segment=text("segment"),
        opt_elem=text("opt_elem"),
        flash=number("flash").astype(np.int64),
        cenwave=number("cenwave"),
        fppos=number("fppos"),
        life_adj=number("life_adj"),
        start_mjd=start_mjd,
        time_s=number("time_s"),
        disp=number("shift_disp"),
        xdisp=number("shift_xdisp"),
        without_fppos=number("shift_without_fppos"),
        search_offset=number("search_offset"),
        search_range=number("search_range"),
        is_found=np.array([one is not False for one in rows["is_found"]], dtype=bool),
    )

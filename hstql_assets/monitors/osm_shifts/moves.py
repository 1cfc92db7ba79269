"""Find how long before each exposure the mechanisms moved.

Reports of the science mission schedule say so. Without one, the exposures themselves say how long
it can have been at most: a move lies between the last exposure with another setting and the first
with this one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.osm_shifts.flash_table import Bools, FlashTable, Floats, Texts
from hstql_assets.monitors.osm_shifts.sms import Moves
from hstql_resources.times import SECONDS_PER_DAY


@dataclass(frozen=True, eq=False)
class Taken:
    """The exposures of COS with a time, whatever they are of; each array of shape (n,).

    Attributes
    ----------
    rootname : ndarray of str
    start_mjd, end_mjd : ndarray of float
        MJD UTC.
    opt_elem : ndarray of str
        Grating or mirror; None where it is not known.
    cenwave, fppos : ndarray of float
        NaN where nothing says it.
    """

    rootname: Texts
    start_mjd: Floats
    end_mjd: Floats
    opt_elem: Texts
    cenwave: Floats
    fppos: Floats


@dataclass(frozen=True, slots=True)
class SinceMove:
    """How long before an exposure the mechanisms moved.

    Attributes
    ----------
    osm1_s, osm2_s : float
        From the last move to the start, s; at most, if it is a bound.
    is_bound : bool
        False if the schedule says so.
    """

    osm1_s: float
    osm2_s: float
    is_bound: bool


@dataclass(frozen=True, eq=False)
class History:
    """What the trend is made from.

    Attributes
    ----------
    flashes : FlashTable
        All of them, by time.
    taken : Taken
        All exposures of COS with a time.
    stored : tuple of dict
        Rows of `sms_exposures`, from reports that may be gone.
    """

    flashes: FlashTable
    taken: Taken
    stored: tuple[dict[str, object], ...]


def bound_moves(taken: Taken) -> dict[str, float]:
    """Return how long before each exposure the mechanisms moved at most, s.

    By rootname, from the end of the last exposure with another grating, central wavelength or
    FP-POS. An FP-POS that is not known is like any other. The first exposures, with none before
    them that differs, are not in it.
    """
    order = np.lexsort((taken.rootname.astype(str), taken.start_mjd))
    start_mjd, end_mjd = taken.start_mjd[order], taken.end_mjd[order]
    # The place of the first exposure with the setting of each; 0 where nothing else was before.
    first = np.maximum.accumulate(np.where(_differ(taken, order), np.arange(len(order)), 0))
    since_days = start_mjd - end_mjd[first - 1]
    chosen = np.flatnonzero((first > 0) & (since_days >= 0.0))
    names = taken.rootname[order[chosen]]
    return dict(zip(names, (since_days[chosen] * SECONDS_PER_DAY).tolist(), strict=True))


def combine_moves(
    rootnames: Sequence[str], schedule: Mapping[str, Moves], bounds: Mapping[str, float]
) -> dict[str, SinceMove]:
    """Return what is known of each exposure: of the schedule, else a bound; else it is left out.

    Parameters
    ----------
    rootnames : sequence of str
    schedule : mapping of str to Moves
        By the first eight letters of rootnames.
    bounds : mapping of str to float
        As `bound_moves` returns them, s.
    """
    found: dict[str, SinceMove] = {}
    for rootname in rootnames:
        moves = schedule.get(rootname[:8])
        if moves is not None:
            found[rootname] = SinceMove(moves.since_osm1_s, moves.since_osm2_s, is_bound=False)
        elif rootname in bounds:
            found[rootname] = SinceMove(bounds[rootname], bounds[rootname], is_bound=True)
    return found


def _differ(taken: Taken, order: NDArray[np.int64]) -> Bools:
    """Return which exposures, in an order, have another setting than the one before."""
    opt_elem, cenwave, fppos = (
        getattr(taken, name)[order] for name in ("opt_elem", "cenwave", "fppos")
    )
    differs = np.zeros(len(order), dtype=bool)
    differs[1:] = opt_elem[1:] != opt_elem[:-1]
    differs[1:] |= (cenwave[1:] != cenwave[:-1]) & ~np.isnan(cenwave[1:] + cenwave[:-1])
    differs[1:] |= np.isnan(cenwave[1:]) != np.isnan(cenwave[:-1])
    differs[1:] |= (fppos[1:] != fppos[:-1]) & ~np.isnan(fppos[1:] + fppos[:-1])
    return differs

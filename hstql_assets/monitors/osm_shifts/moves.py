"""Find how long before each exposure the mechanisms moved.

Reports of the science mission schedule say so. Without one, the exposures themselves say how long
it can have been at most: a move lies between the last exposure with another setting and the first
with this one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hstql_assets.monitors.osm_shifts.flash_table import FlashTable
from hstql_assets.monitors.osm_shifts.sms import Moves
from hstql_resources.times import SECONDS_PER_DAY

Setting = tuple[str | None, int | None, int | None]  # grating or mirror, wavelength, FP-POS


@dataclass(frozen=True, slots=True)
class Taken:
    """An exposure of COS, whatever it is of.

    Attributes
    ----------
    rootname : str
    start_mjd, end_mjd : float
        MJD UTC.
    opt_elem : str or None
    cenwave, fppos : int or None
        FP-POS is None where nothing says it.
    """

    rootname: str
    start_mjd: float
    end_mjd: float
    opt_elem: str | None
    cenwave: int | None
    fppos: int | None


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
    taken : tuple of Taken
        All exposures of COS with a time.
    stored : tuple of dict
        Rows of `sms_exposures`, from reports that may be gone.
    """

    flashes: FlashTable
    taken: tuple[Taken, ...]
    stored: tuple[dict[str, object], ...]


def bound_moves(taken: Sequence[Taken]) -> dict[str, float]:
    """Return how long before each exposure the mechanisms moved at most, s.

    By rootname, from the end of the last exposure with another grating, central wavelength or
    FP-POS. An FP-POS that is not known is like any other. The first exposures, with none before
    them that differs, are not in it.
    """
    found: dict[str, float] = {}
    previous: Taken | None = None
    last_end_mjd: float | None = None  # of the last exposure with another setting
    for one in sorted(taken, key=lambda one: (one.start_mjd, one.rootname)):
        if previous is not None and _differ(previous, one):
            last_end_mjd = previous.end_mjd
        if last_end_mjd is not None and last_end_mjd <= one.start_mjd:
            found[one.rootname] = (one.start_mjd - last_end_mjd) * SECONDS_PER_DAY
        previous = one
    return found


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


def _differ(one: Taken, other: Taken) -> bool:
    if (one.opt_elem, one.cenwave) != (other.opt_elem, other.cenwave):
        return True
    return one.fppos is not None and other.fppos is not None and one.fppos != other.fppos

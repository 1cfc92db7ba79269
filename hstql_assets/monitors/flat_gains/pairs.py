"""Tell which two flats make a pair, and why others make none.

Flats of one set-up go by time: the first with the second, the third with the fourth, if they are
not too far apart; if they are, the earlier one stays alone. Each is in one pair at most, so that
pairs are independent. The same flats always make the same pairs.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from hstql_assets.monitors.flat_gains.selection import FlatSelection

NO_LAMP = ("", "NONE")  # of SCLAMP
LAMP_OFF = "lamp off"
SUBARRAY = "subarray"
BINNING = "binning"
NO_TIME = "no time"
ALONE = "one flat alone"


@dataclass(frozen=True)
class Setup:
    """What the two flats of a pair have alike.

    Attributes
    ----------
    detector, lamp, filter_name : str
        DETECTOR; SCLAMP; FILTER, or FILTER1 and FILTER2.
    exposure_s : float
        EXPTIME, s.
    binning : tuple of int
        BINAXIS1 and BINAXIS2.
    gain_setting : float or None
        CCDGAIN, electrons per count.
    amplifiers : str
        CCDAMP.
    """

    detector: str
    lamp: str
    filter_name: str
    exposure_s: float
    binning: tuple[int, int]
    gain_setting: float | None
    amplifiers: str


@dataclass(frozen=True)
class Flat:
    """A flat by its headers.

    Attributes
    ----------
    rootname : str
    start_mjd : float or None
        EXPSTART, MJD UTC, d.
    is_subarray : bool
    setup : Setup
    remark : str or None
        What is odd about it.
    """

    rootname: str
    start_mjd: float | None
    is_subarray: bool
    setup: Setup
    remark: str | None = None


@dataclass(frozen=True)
class Unused:
    """A flat that is in no pair.

    Attributes
    ----------
    rootname : str
    reason : str
        A word or two to count by.
    detail : str
        One sentence with the numbers.
    """

    rootname: str
    reason: str
    detail: str


def pair_flats(
    flats: Iterable[Flat], selection: FlatSelection
) -> tuple[list[tuple[Flat, Flat]], list[Unused]]:
    """Return the pairs by time of their first flat, and the flats that are in none."""
    by_setup: dict[Setup, list[Flat]] = defaultdict(list)
    unused: list[Unused] = []
    for flat in flats:
        fault = find_fault(flat, selection.binnings)
        if fault is None:
            by_setup[flat.setup].append(flat)
        else:
            unused.append(fault)
    pairs: list[tuple[Flat, Flat]] = []
    alone: list[Flat] = []
    for own in by_setup.values():
        found, left = _pair_by_time(own, selection.most_days_apart)
        pairs += found
        alone += left
    fit = [flat for own in by_setup.values() for flat in own]
    unused += [_describe_alone(flat, fit, selection.most_days_apart) for flat in alone]
    pairs.sort(key=lambda pair: _order(pair[0]))
    return pairs, sorted(unused, key=lambda one: one.rootname)


def find_epochs(
    pairs: Sequence[tuple[Flat, Flat]], most_days: float
) -> list[tuple[int, tuple[Flat, Flat]]]:
    """Number the epochs of pairs that are in order of time: a new one begins after a longer gap.

    Parameters
    ----------
    pairs : sequence of tuple of Flat
        As `pair_flats` returns them.
    most_days : float
        From the start of one pair to that of the next of its epoch, d.
    """
    found: list[tuple[int, tuple[Flat, Flat]]] = []
    epoch, before = 0, float("-inf")
    for pair in pairs:
        start = _order(pair[0])[0]
        epoch += start - before > most_days
        before = start
        found.append((epoch, pair))
    return found


def find_fault(flat: Flat, binnings: Sequence[int]) -> Unused | None:
    """Return why a flat is fit for nothing, whatever others there are; None if it is fit."""
    setup = flat.setup
    if flat.start_mjd is None:
        return Unused(flat.rootname, NO_TIME, "EXPSTART says no time.")
    if setup.lamp in NO_LAMP:
        detail = f"SCLAMP is {setup.lamp or 'empty'}: the lamp was off."
        return Unused(flat.rootname, LAMP_OFF, detail)
    if flat.is_subarray:
        return Unused(flat.rootname, SUBARRAY, "It is a subarray.")
    across, up = setup.binning
    if across != up or across not in binnings:
        known = ", ".join(map(str, binnings))
        detail = f"It is binned {across} x {up}; used are {known}."
        return Unused(flat.rootname, BINNING, detail)
    return None


def _order(flat: Flat) -> tuple[float, str]:
    return flat.start_mjd or 0.0, flat.rootname


def _pair_by_time(
    flats: Sequence[Flat], most_days: float
) -> tuple[list[tuple[Flat, Flat]], list[Flat]]:
    pairs: list[tuple[Flat, Flat]] = []
    alone: list[Flat] = []
    waiting: Flat | None = None
    for flat in sorted(flats, key=_order):
        if waiting is None:
            waiting = flat
        elif _order(flat)[0] - _order(waiting)[0] <= most_days:
            pairs.append((waiting, flat))
            waiting = None
        else:
            alone.append(waiting)
            waiting = flat
    return pairs, alone if waiting is None else [*alone, waiting]


def _describe_alone(flat: Flat, others: Sequence[Flat], most_days: float) -> Unused:
    """Say what the nearest flats in time have that this one has not."""
    near = [
        other
        for other in others
        if other is not flat and abs(_order(other)[0] - _order(flat)[0]) <= most_days
    ]
    detail = f"There is no second flat like it within {most_days:g} d"
    unlike = [other for other in near if other.setup != flat.setup]
    if unlike:
        nearest = min(unlike, key=lambda one: (len(list_differences(flat, one)), _order(one)))
        names = " and ".join(list_differences(flat, nearest))
        detail += f"; {nearest.rootname} has another {names}"
    elif near:
        detail += " that is not in a pair already"
    return Unused(flat.rootname, ALONE, f"{detail}.")


_NAMES = {
    "lamp": "lamp",
    "filter_name": "filter",
    "exposure_s": "exposure time",
    "binning": "binning",
    "gain_setting": "gain",
    "amplifiers": "set of amplifiers",
    "detector": "detector",
}


def list_differences(flat: Flat, other: Flat) -> list[str]:
    """Return what two flats have not alike."""
    own, theirs = asdict(flat.setup), asdict(other.setup)
    return [_NAMES[name] for name in own if own[name] != theirs[name]]

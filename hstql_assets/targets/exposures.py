"""Read what concerns the target of one exposure: what its header says, and how it is read."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hstql_assets.targets.names import clean_name, fold_name, is_body_name
from hstql_assets.targets.overrides import Overrides
from hstql_assets.targets.sky_groups import Floats, take_to_j2000, to_unit_vectors

Positions = Mapping[str, tuple[float, float]]

UNNAMED = "UNNAMED"
J2000_MJD = 51544.5
DAYS_PER_YEAR = 365.25
FASTEST_ARCSEC_PER_YR = 11.0  # no star is faster than Barnard's
ALIKE_DEG = 1e-6  # RA_TARG of a star moves by less during one visit


class TargetExposure(NamedTuple):
    """What the header of an exposure says of its target.

    Attributes
    ----------
    rootname : str
        The exposure.
    target_name : str
        TARGNAME, as it stands there.
    ra_deg, dec_deg : float or None [deg]
        RA_TARG and DEC_TARG, J2000.
    is_moving : bool or None
        MTFLAG; None if the header does not say.
    exp_start_mjd : float or None [d]
        EXPSTART.
    pm_ra, pm_dec : float or None [arcsec/yr]
        MU_RA (with cos(dec)) and MU_DEC. RA_TARG and DEC_TARG are at the time of the exposure.
    """

    rootname: str
    target_name: str
    ra_deg: float | None = None
    dec_deg: float | None = None
    is_moving: bool | None = None
    exp_start_mjd: float | None = None
    pm_ra: float | None = None
    pm_dec: float | None = None

    @property
    def position(self) -> tuple[float, float] | None:
        """Right ascension and declination, deg; None where they cannot be those of a target.

        Both exactly zero is what a header says that knows none.
        """
        if self.ra_deg is None or self.dec_deg is None:
            return None
        if not (abs(self.ra_deg) <= 360.0 and abs(self.dec_deg) <= 90.0):  # NaN neither
            return None
        return (self.ra_deg, self.dec_deg) if self.ra_deg or self.dec_deg else None


class ReadName(NamedTuple):
    """A header's name as it is understood.

    Attributes
    ----------
    name : str
        The name of the target.
    key : str
        The same for all spellings of it.
    cleaned : str
        The name without copies and the like, before the override file; Sesame's question.
    is_decided : bool
        Whether the override file gives it.
    is_anywhere : bool
        Whether it is one target wherever it is.
    is_body : bool
        Whether it is that of a body of the solar system.
    notes : tuple of str
        What was left out of it.
    """

    name: str
    key: str
    cleaned: str
    is_decided: bool
    is_anywhere: bool
    is_body: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class TargetExposures:
    """All exposures, the earliest first, with how they are read; the lists run in parallel.

    Attributes
    ----------
    target_exposures : list of TargetExposure
        Of one time those with the alphabetically first name come first.
    read : list of ReadName
        Their names.
    is_moving : list of bool
        Whether they go by name only.
    places : dict of int to ndarray, shape (3,)
        Unit vectors of those that have a position and do not move, by index.
    places_j2000 : dict of int to ndarray, shape (3,)
        The same, with the proper motion since 2000.0 taken back.
    by_sesame : frozenset of int
        Those whose position is not in the header.
    """

    target_exposures: list[TargetExposure]
    read: list[ReadName]
    is_moving: list[bool]
    places: dict[int, Floats]
    places_j2000: dict[int, Floats]
    by_sesame: frozenset[int]


def read_name(target_name: str, overrides: Overrides) -> ReadName:
    """Understand a header's name: the override file by the name or what is left of it, or that."""
    clean = clean_name(target_name)
    decided = overrides.find(target_name) or overrides.find(clean.name)
    name = decided or clean.name or UNNAMED
    key = fold_name(name) or name
    return ReadName(
        name=name,
        key=key,
        cleaned=clean.name,
        is_decided=decided is not None,
        is_anywhere=overrides.is_anywhere(key),
        is_body=is_body_name(name),
        notes=() if decided else clean.notes,
    )


def group_alike(target_exposures: Sequence[TargetExposure]) -> list[list[TargetExposure]]:
    """Put together exposures whose headers say the same of the target, to 0.004 arcsec.

    Most exposures of a proposal are alike, so deciding once for all of them saves most of the work.

    Parameters
    ----------
    target_exposures : sequence of TargetExposure
        In any order.

    Returns
    -------
    list of list of TargetExposure
        In each the earliest exposure comes first.
    """
    groups: dict[tuple[object, ...], list[TargetExposure]] = defaultdict(list)
    for target_exposure in target_exposures:
        position = target_exposure.position
        place = position and (round(position[0] / ALIKE_DEG), round(position[1] / ALIKE_DEG))
        groups[
            target_exposure.target_name, place, target_exposure.is_moving, target_exposure[6:]
        ].append(target_exposure)
    for group in groups.values():
        if len(group) > 1:
            group.sort(
                key=lambda target_exposure: (*_when(target_exposure), target_exposure.rootname)
            )
    return list(groups.values())


def read_target_exposures(
    target_exposures: Sequence[TargetExposure], overrides: Overrides, positions: Positions
) -> TargetExposures:
    """Put exposures in order, understand their names and find out where they are.

    Parameters
    ----------
    target_exposures : sequence of TargetExposure
        In any order.
    overrides : Overrides
        What people decided.
    positions : mapping of str to (float, float) [deg]
        Positions by cleaned name for those whose header has none.
    """
    names = {name: read_name(name, overrides) for name in {s.target_name for s in target_exposures}}
    ordered = sorted(
        target_exposures, key=lambda s: (*_when(s), names[s.target_name].name, s.rootname)
    )
    read = [names[target_exposure.target_name] for target_exposure in ordered]
    movers = {name.key for s, name in zip(ordered, read, strict=True) if s.is_moving}
    is_moving = [
        name.is_body or (s.is_moving is not False and name.key in movers)
        for s, name in zip(ordered, read, strict=True)
    ]
    found: dict[int, tuple[float, float]] = {}
    by_sesame = set()
    for index, target_exposure in enumerate(ordered):
        if is_moving[index]:
            continue
        if (position := target_exposure.position) is not None:
            found[index] = position
        elif (position := positions.get(read[index].cleaned)) is not None:
            found[index] = position
            by_sesame.add(index)
    vectors = to_unit_vectors(*np.array(list(found.values()), dtype=float).reshape(-1, 2).T)
    motions = [
        (0.0, 0.0, 0.0) if index in by_sesame else _motion(ordered[index]) for index in found
    ]
    earlier = take_to_j2000(vectors, *np.array(motions, dtype=float).reshape(-1, 3).T)
    return TargetExposures(
        ordered,
        read,
        is_moving,
        dict(zip(found, vectors, strict=True)),
        dict(zip(found, earlier, strict=True)),
        frozenset(by_sesame),
    )


def _motion(target_exposure: TargetExposure) -> tuple[float, float, float]:
    """Return proper motion, arcsec/yr, and the years since 2000.0; zero where not known."""
    is_unknown, start = _when(target_exposure)
    pm_ra, pm_dec = target_exposure.pm_ra or 0.0, target_exposure.pm_dec or 0.0
    if is_unknown or not math.hypot(pm_ra, pm_dec) <= FASTEST_ARCSEC_PER_YR:
        return 0.0, 0.0, 0.0
    return pm_ra, pm_dec, (start - J2000_MJD) / DAYS_PER_YEAR


def _when(target_exposure: TargetExposure) -> tuple[bool, float]:
    """Return what puts exposures in order; those whose time is unknown come last."""
    start = target_exposure.exp_start_mjd
    return (False, start) if start is not None and math.isfinite(start) else (True, 0.0)

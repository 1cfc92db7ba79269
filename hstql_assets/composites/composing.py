"""Put the exposures of one configuration of a target together into one series.

Each exposure is extracted again from its events, in the wavelengths that all of them have: the
largest of the shortest wavelengths to the smallest of the longest. So is one whose own range is
already the common one, and it gets the numbers of its lightcurve: limits that are the ends of its
own range leave nothing out. Exposures follow in the order of their start, then of their names.
Nothing is scaled, and every bin is kept: those with no count, and those with no live time.

Where not all exposures overlap, the wavelength that most of them have decides which are used;
of equal numbers, the wider range. The others are left out, each with a note.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hstql_assets.batching.bad_data import BadExposure, NothingToExtract
from hstql_assets.lightcurves.lightcurve import Lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings

MAX_BINS = 5_000_000  # 600 MB of file and 2 GB of memory; at 2 s, 16 weeks of live time


@dataclass(frozen=True)
class Member:
    """An exposure with a lightcurve.

    Parameters
    ----------
    rootname : str
        Its name.
    events : tuple of Path
        Its event files.
    x1d : Path or None
        Its spectrum.
    wave_min, wave_max : float or None
        Wavelengths of its lightcurve, Angstrom; None for an image.
    """

    rootname: str
    events: tuple[Path, ...]
    x1d: Path | None
    wave_min: float | None
    wave_max: float | None

    @property
    def files(self) -> tuple[Path, ...]:
        """All that it is extracted from."""
        return self.events if self.x1d is None else (*self.events, self.x1d)


@dataclass(frozen=True)
class Composite:
    """The lightcurves of the exposures in their order, and how they were extracted.

    Dataset n is `curves[n - 1]`.
    """

    settings: ExtractionSettings
    curves: tuple[Lightcurve, ...]

    @property
    def rootnames(self) -> tuple[str, ...]:
        """The exposures, by dataset number from 1 on."""
        return tuple(curve.exposure.rootname for curve in self.curves)

    @property
    def is_flux_calibrated(self) -> bool:
        """Whether every exposure has a flux."""
        return all(curve.is_flux_calibrated for curve in self.curves)

    @property
    def is_background_subtracted(self) -> bool:
        """Whether every exposure has a background."""
        return all(curve.is_background_subtracted for curve in self.curves)

    @property
    def missing_references(self) -> tuple[str, ...]:
        """Reference files that events were corrected without, each once."""
        names = (name for curve in self.curves for name in curve.missing_references)
        return tuple(dict.fromkeys(names))

    @property
    def is_simulated(self) -> bool:
        """Whether a simulation made the events of an exposure."""
        return any(curve.exposure.is_simulated for curve in self.curves)

    @property
    def wave_min(self) -> float:
        """Shortest wavelength used, Angstrom; NaN for images."""
        return float(np.fmin.reduce([curve.wave_min for curve in self.curves]))

    @property
    def wave_max(self) -> float:
        """Longest wavelength used, Angstrom; NaN for images."""
        return float(np.fmax.reduce([curve.wave_max for curve in self.curves]))

    @property
    def bins(self) -> int:
        """Number of bins."""
        return sum(len(curve.bins.times_s) for curve in self.curves)

    @property
    def exposure_s(self) -> float:
        """Live seconds."""
        return math.fsum(curve.totals.exposure_s for curve in self.curves)

    @property
    def exp_start_mjd(self) -> float:
        """Start of the first exposure, MJD (UTC)."""
        return self.curves[0].exposure.exp_start_mjd

    @property
    def exp_end_mjd(self) -> float:
        """End of the exposure that ends last, MJD (UTC)."""
        return max(curve.exposure.exp_end_mjd for curve in self.curves)


@dataclass(frozen=True)
class Composition:
    """What became of the members of a configuration.

    Parameters
    ----------
    composite : Composite or None
        None if no member was left.
    left_out : dict of str to str
        Why a member is not in it, one sentence, by rootname.
    """

    composite: Composite | None
    left_out: dict[str, str]


Extract = Callable[[Member, ExtractionSettings], Lightcurve]


def compose(
    members: Sequence[Member], settings: ExtractionSettings, extract: Extract
) -> Composition:
    """Put the exposures of one configuration together.

    Parameters
    ----------
    members : sequence of Member
        In any order.
    settings : ExtractionSettings
        How to extract. Its wavelength limits hold too.
    extract : callable
        Makes the lightcurve of a member; raises `NothingToExtract` or `BadExposure`.
    """
    chosen, left_out = choose_members(members)
    limited = limit_settings(settings, chosen)
    if limited is None:
        note = "The wavelength limits of the settings leave nothing of the common range."
        return Composition(None, left_out | {member.rootname: note for member in chosen})
    curves: list[Lightcurve] = []
    bins = 0
    for member in chosen:
        try:
            curve = extract(member, limited)
        except (NothingToExtract, BadExposure) as reason:
            left_out[member.rootname] = str(reason)
            continue
        curves.append(curve)
        bins += len(curve.bins.times_s)
        if bins > MAX_BINS:
            note = f"The composite would have more than {MAX_BINS:,} bins: choose wider ones."
            return Composition(None, left_out | {member.rootname: note for member in chosen})
    curves.sort(key=lambda curve: (curve.exposure.exp_start_mjd, curve.exposure.rootname))
    return Composition(Composite(limited, tuple(curves)) if curves else None, left_out)


def choose_members(members: Sequence[Member]) -> tuple[list[Member], dict[str, str]]:
    """Return the members with a common range of wavelengths, and why the others have none.

    Returns
    -------
    chosen : list of Member
        In the order of their names. All of them if none has wavelengths, as images have not.
    left_out : dict of str to str
        Why a member is left out, by rootname.
    """
    ordered = sorted(members, key=lambda member: member.rootname)
    known = [member for member in ordered if _has_range(member)]
    if not known and all(member.wave_min is None for member in ordered):
        return ordered, {}
    lower, upper = np.array([_range(member) for member in known]).reshape(-1, 2).T
    chosen = _choose(lower, upper)
    inside = {member.rootname for member, yes in zip(known, chosen, strict=True) if yes}
    notes = {
        member.rootname: _note(member, lower[chosen], upper[chosen])
        for member in ordered
        if member.rootname not in inside
    }
    return [member for member in known if member.rootname in inside], notes


def limit_settings(
    settings: ExtractionSettings, members: Sequence[Member]
) -> ExtractionSettings | None:
    """Return the settings with the range (Angstrom) that all members have, if there is one."""
    ranges = [_range(member) for member in members if member.wave_min is not None]
    if not ranges:
        return settings
    lower = max([*(pair[0] for pair in ranges), settings.wave_min or 0.0])
    upper = min([*(pair[1] for pair in ranges), settings.wave_max or math.inf])
    return replace(settings, wave_min=lower, wave_max=upper) if lower < upper else None


def _choose(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Choose the ranges that contain the most common wavelength; all shapes are (n,).

    The wavelength that most ranges have can be sought among their lower ends.
    """

    def candidates() -> Iterator[tuple[int, float, float, np.ndarray]]:
        for wavelength in np.unique(lower):
            inside = (lower <= wavelength) & (wavelength < upper)
            width = float(upper[inside].min() - wavelength)
            yield int(inside.sum()), width, -float(wavelength), inside

    if not len(lower):
        return np.zeros(0, dtype=bool)
    return max(candidates(), key=lambda candidate: candidate[:3])[3]


def _has_range(member: Member) -> bool:
    if member.wave_min is None or member.wave_max is None:
        return False
    return member.wave_min < member.wave_max


def _range(member: Member) -> tuple[float, float]:
    return member.wave_min or math.nan, member.wave_max or math.nan


def _note(member: Member, lower: np.ndarray, upper: np.ndarray) -> str:
    """Say why a member is left out; the ranges used, Angstrom, have the shape (n,)."""
    if not _has_range(member):
        return f"The lightcurve of {member.rootname} has no range of wavelengths."
    return (
        f"Its {member.wave_min:.1f} to {member.wave_max:.1f} Angstrom do not overlap with "
        f"{lower.max():.1f} to {upper.min():.1f}, the common range of {len(lower)} "
        f"exposure{'s' if len(lower) > 1 else ''}."
    )

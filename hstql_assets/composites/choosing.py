"""Choose the exposures of a composite: those with the most exposure time x band in common."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

UNTOLD_SHARE = 0.05  # of the range of a member, that may be cut without a word


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
    segments : str or None
        Segments of its lightcurve.
    exposure_s : float
        Live seconds.
    band : float
        Wavelengths of the columns used, Angstrom; NaN if not known: all of them.
    has_own_settings : bool
        Whether its lightcurve was made with other settings than the usual ones, so that the
        wavelengths above are not those that it has.
    spt : Path or None
        Its support file; not needed.
    rejected : int or None
        How many of its files are left out by their headers, which all of this is told by then.
    """

    rootname: str
    events: tuple[Path, ...]
    x1d: Path | None
    wave_min: float | None
    wave_max: float | None
    segments: str | None = None
    exposure_s: float = 1.0
    band: float = math.nan
    has_own_settings: bool = False
    spt: Path | None = None
    rejected: int | None = None

    @property
    def range(self) -> tuple[float, float] | None:
        """Its shortest and longest wavelength, Angstrom; None if there is nothing between them."""
        if self.wave_min is None or self.wave_max is None or self.wave_min >= self.wave_max:
            return None
        return self.wave_min, self.wave_max

    @property
    def worth(self) -> float:
        """Exposure time x band, for each Angstrom of its range, as if the band were even there."""
        lower, upper = self.range or (math.nan, math.nan)
        return self.exposure_s * float(np.nan_to_num(self.band / (upper - lower), nan=1.0))

    @property
    def files(self) -> tuple[Path, ...]:
        """All that it is extracted from."""
        return self.events if self.x1d is None else (*self.events, self.x1d)


def choose_members(members: Sequence[Member]) -> tuple[list[Member], dict[str, str]]:
    """Return the members with a common range of wavelengths, and why the others are left out.

    Returns
    -------
    chosen : list of Member
        In the order of their names. All of them if none has wavelengths, as images have not.
    left_out : dict of str to str
        Why a member is left out, by rootname.
    """
    ordered = sorted(members, key=lambda member: member.rootname)
    known = [member for member in ordered if member.range]
    if not known and all(member.wave_min is None for member in ordered):
        return ordered, {}
    lower, upper = np.array([member.range for member in known]).reshape(-1, 2).T
    chosen = _choose(lower, upper, np.array([member.worth for member in known]))
    inside = {member.rootname for member, yes in zip(known, chosen, strict=True) if yes}
    notes = {
        member.rootname: _note(member, lower[chosen], upper[chosen])
        for member in ordered
        if member.rootname not in inside
    }
    return [member for member in known if member.rootname in inside], notes


def tell_cut(members: Sequence[Member]) -> Iterator[str]:
    """Say so if much of the wavelengths of some members is outside of the common range."""
    ranges = [member.range for member in members if member.range]
    if len(ranges) < 2:
        return
    lower, upper = np.array(ranges).T
    start, stop = lower.max(), upper.min()
    cut = stop - start < (1 - UNTOLD_SHARE) * (upper - lower)
    if cut.any():
        yield (
            f"Of {count_exposures(len(ranges))}, {cut.sum()} have wavelengths beyond the common "
            f"{start:.1f} to {stop:.1f} Angstrom, from {lower[cut].min():.1f} to "
            f"{upper[cut].max():.1f}: these are left out."
        )


def _choose(lower: np.ndarray, upper: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """Choose the ranges whose common part has the most worth (per Angstrom); all of shape (n,).

    Of equal worth, that of the most ranges, then the widest, then that of shortest wavelength. It
    starts where a range starts; then the more of them it has, the sooner it stops.
    """

    def candidates() -> Iterator[tuple[float, int, float, float, float]]:
        for start in np.unique(lower):
            inside = np.flatnonzero((lower <= start) & (start < upper))
            stops = np.sort(upper[inside])[::-1]
            total = np.cumsum(worth[inside][np.argsort(-upper[inside], kind="stable")])
            for number, stop in enumerate(stops, 1):
                width = float(stop - start)
                value = round(float(total[number - 1]) * width, 6)
                yield value, number, width, -float(start), float(stop)

    if not len(lower):
        return np.zeros(0, dtype=bool)
    *_, start, stop = max(candidates())
    return np.asarray((lower <= -start) & (upper >= stop))


def _note(member: Member, lower: np.ndarray, upper: np.ndarray) -> str:
    """Say why a member is left out; the ranges used, Angstrom, have the shape (n,)."""
    if member.range is None:
        return f"The lightcurve of {member.rootname} has no range of wavelengths."
    start, stop = lower.max(), upper.min()
    shortest, longest = member.range
    is_apart = shortest >= stop or longest <= start
    return (
        f"Its {shortest:.1f} to {longest:.1f} Angstrom "
        f"{'do not overlap with' if is_apart else 'would narrow'} "
        f"{start:.1f} to {stop:.1f}, the common range of {count_exposures(len(lower))}"
        f"{'.' if is_apart else ': without it more exposure time x band is kept.'}"
    )


def count_exposures(number: int) -> str:
    """Return such as `1 exposure`."""
    return f"{number} exposure{'s' if number > 1 else ''}"

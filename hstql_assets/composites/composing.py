"""Put the exposures of one configuration of a target together into one series.

Each exposure is extracted again from its events, in the wavelengths that all of them have: the
largest of the shortest wavelengths to the smallest of the longest, and of the same segments. So is
one whose own range is already the common one, and it gets the numbers of its lightcurve: limits
that are the ends of its own range leave nothing out. Exposures follow in the order of their start,
then of their names. Nothing is scaled, and every bin is kept: those with no count, and those with
no live time.

Which exposures these are: those with the most exposure time x band in common. One that would narrow
the common range by more than it adds is left out, and so is one that has other segments; each with
a note.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hstql_assets.batching.bad_data import BadExposure, NothingToExtract
from hstql_assets.lightcurves.lightcurve import Lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.fits.header_values import finite

UNTOLD_SHARE = 0.05  # of the range of a member, that may be cut without a word
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
    segments : str or None
        Segments of its lightcurve.
    exposure_s : float
        Live seconds.
    band : float
        Wavelengths of the columns used, Angstrom; NaN if not known: all of them.
    has_own_settings : bool
        Whether its lightcurve was made with other settings than the usual ones, so that the
        wavelengths above are not those that it has.
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

    @property
    def worth_per_angstrom(self) -> float:
        """Exposure time x band, for each Angstrom of its range, as if the band were even there."""
        lower, upper = _range(self)
        return self.exposure_s * float(np.nan_to_num(self.band / (upper - lower), nan=1.0))

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
    cut : tuple of str
        Which wavelengths of its members are not in it.
    """

    composite: Composite | None
    left_out: dict[str, str]
    cut: tuple[str, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """All that was left out, or is odd about what was not, a sentence each."""
        absent = (f"{name} is left out: {note}" for name, note in sorted(self.left_out.items()))
        curves = () if self.composite is None else self.composite.curves
        plain = [] if len({curve.is_flux_calibrated for curve in curves}) < 2 else [
            f"{curve.exposure.rootname} has no flux, but others have."
            for curve in curves if not curve.is_flux_calibrated
        ]  # fmt: skip
        odd = (remark for curve in curves for remark in curve.remarks)
        return *absent, *self.cut, *plain, *odd


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
    measured, left_out = _measure(members, settings, extract)
    chosen, outside = choose_members(measured)
    left_out |= outside
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
    if lacking := _find_other_segments(curves):
        rest = [member for member in members if member.rootname not in lacking]
        again = compose(rest, settings, extract)
        return Composition(again.composite, again.left_out | lacking, again.cut)
    curves.sort(key=lambda curve: (curve.exposure.exp_start_mjd, curve.exposure.rootname))
    composite = Composite(limited, tuple(curves)) if curves else None
    return Composition(composite, left_out, tuple(_tell_cut(chosen)))


def _measure(
    members: Sequence[Member], settings: ExtractionSettings, extract: Extract
) -> tuple[list[Member], dict[str, str]]:
    """Return the members with what they have by these settings, and why others have nothing.

    Only where it matters, for it costs another extraction: where the ranges differ, and where a
    lightcurve was made with settings of its own.
    """
    if not _differ(members):
        return list(members), {}
    measured: list[Member] = []
    left_out = {}
    for member in members:
        try:
            curve = extract(member, settings)
        except (NothingToExtract, BadExposure) as reason:
            left_out[member.rootname] = str(reason)
            continue
        measured.append(
            replace(
                member,
                wave_min=finite(curve.wave_min),
                wave_max=finite(curve.wave_max),
                exposure_s=curve.totals.exposure_s,
                band=curve.band,
            )
        )
    return measured, left_out


def _differ(members: Sequence[Member]) -> bool:
    """Tell whether not all members have nearly the same wavelengths, by what is known of them."""
    if any(member.has_own_settings for member in members):
        return True
    known = [member for member in members if _has_range(member)]
    return len({member.segments for member in known}) > 1 or bool(list(_tell_cut(known)))


def _find_other_segments(curves: Sequence[Lightcurve]) -> dict[str, str]:
    """Return why exposures are left out that lack segments, or have more than the others, by name.

    The segments are kept that have the most exposure time x band.
    """
    worth: Counter[tuple[str, ...]] = Counter()
    for curve in curves:
        worth[curve.segments] += curve.totals.exposure_s * np.nan_to_num(curve.band, nan=1.0)
    if len(worth) < 2:
        return {}
    (kept, _), *_ = worth.most_common()
    number = sum(curve.segments == kept for curve in curves)
    return {
        curve.exposure.rootname: (
            f"It has {', '.join(curve.segments)}, but {_count(number)} with more exposure time x "
            f"band {'have' if number > 1 else 'has'} {', '.join(kept)}."
        )
        for curve in curves
        if curve.segments != kept
    }


def _tell_cut(members: Sequence[Member]) -> Iterator[str]:
    """Say so if much of the wavelengths of some members is outside of the common range."""
    ranges = [_range(member) for member in members if _has_range(member)]
    if len(ranges) < 2:
        return
    lower, upper = np.array(ranges).T
    start, stop = lower.max(), upper.min()
    cut = stop - start < (1 - UNTOLD_SHARE) * (upper - lower)
    if cut.any():
        yield (
            f"Of {_count(len(ranges))}, {cut.sum()} have wavelengths beyond the common "
            f"{start:.1f} to {stop:.1f} Angstrom, from {lower[cut].min():.1f} to "
            f"{upper[cut].max():.1f}: these are left out."
        )


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
    known = [member for member in ordered if _has_range(member)]
    if not known and all(member.wave_min is None for member in ordered):
        return ordered, {}
    lower, upper = np.array([_range(member) for member in known]).reshape(-1, 2).T
    chosen = _choose(lower, upper, np.array([member.worth_per_angstrom for member in known]))
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


def _has_range(member: Member) -> bool:
    if member.wave_min is None or member.wave_max is None:
        return False
    return member.wave_min < member.wave_max


def _range(member: Member) -> tuple[float, float]:
    return member.wave_min or math.nan, member.wave_max or math.nan


def _note(member: Member, lower: np.ndarray, upper: np.ndarray) -> str:
    """Say why a member is left out; the ranges used, Angstrom, have the shape (n,)."""
    if member.wave_min is None or member.wave_max is None or not _has_range(member):
        return f"The lightcurve of {member.rootname} has no range of wavelengths."
    start, stop = lower.max(), upper.min()
    is_apart = member.wave_min >= stop or member.wave_max <= start
    return (
        f"Its {member.wave_min:.1f} to {member.wave_max:.1f} Angstrom "
        f"{'do not overlap with' if is_apart else 'would narrow'} "
        f"{start:.1f} to {stop:.1f}, the common range of {_count(len(lower))}"
        f"{'.' if is_apart else ': without it more exposure time x band is kept.'}"
    )


def _count(number: int) -> str:
    return f"{number} exposure{'s' if number > 1 else ''}"

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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hstql_assets.batching.bad_data import BadExposure, NothingToExtract
from hstql_assets.composites.choosing import (
    Member,
    choose_members,
    count_exposures,
    tell_cut,
)
from hstql_assets.lightcurves.fits_table import find_end
from hstql_assets.lightcurves.lightcurve import Lightcurve
from hstql_assets.lightcurves.preparation import foresee
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.fits.header_values import finite

MAX_BINS = 5_000_000  # 600 MB of file and 2 GB of memory; at 2 s, 16 weeks of live time


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
        return find_end(self.curves)


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
    members: Sequence[Member],
    settings: ExtractionSettings,
    extract: Extract,
    *,
    by_events: bool = False,
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
    by_events : bool
        Whether members are measured by all of their events, not by headers and x1d only.
    """
    measured, left_out = _measure(members, settings, extract, by_events)
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
            if member.rejected is not None:  # who knows by which fault of the events
                return compose(members, settings, extract, by_events=True)
            left_out[member.rootname] = str(reason)
            continue
        if member.rejected not in (None, len(curve.rejected)):
            return compose(members, settings, extract, by_events=True)
        curves.append(curve)
        bins += len(curve.bins.times_s)
        if bins > MAX_BINS:
            note = f"The composite would have more than {MAX_BINS:,} bins: choose wider ones."
            return Composition(None, left_out | {member.rootname: note for member in chosen})
    if lacking := _find_other_segments(curves):
        rest = [member for member in members if member.rootname not in lacking]
        again = compose(rest, settings, extract, by_events=by_events)
        return Composition(again.composite, again.left_out | lacking, again.cut)
    curves.sort(key=lambda curve: (curve.exposure.exp_start_mjd, curve.exposure.rootname))
    composite = Composite(limited, tuple(curves)) if curves else None
    return Composition(composite, left_out, tuple(tell_cut(chosen)))


def _measure(
    members: Sequence[Member], settings: ExtractionSettings, extract: Extract, by_events: bool
) -> tuple[list[Member], dict[str, str]]:
    """Return the members with what they have by these settings, and why others have nothing.

    Only where it matters: where the ranges differ, and where a lightcurve was made with settings of
    its own.
    """
    if not _differ(members):
        return list(members), {}
    measured: list[Member] = []
    left_out = {}
    for member in members:
        is_told = member.x1d is not None and not by_events
        try:
            measured.append(
                _foresee(member, settings) if is_told else _note(member, extract(member, settings))
            )
        except (NothingToExtract, BadExposure) as reason:
            left_out[member.rootname] = str(reason)
    return measured, left_out


def _foresee(member: Member, settings: ExtractionSettings) -> Member:
    """Return a member with what it has by its headers and its x1d."""
    seen = foresee(member.events, member.x1d, settings)
    wave_min, wave_max = map(finite, seen.wave_span)
    exposure_s = float(seen.bins.exposure_s.sum())
    rejected = len(seen.rejected)
    return replace(
        member, wave_min=wave_min, wave_max=wave_max, exposure_s=exposure_s, band=seen.band,
        rejected=rejected,
    )  # fmt: skip


def _note(member: Member, curve: Lightcurve) -> Member:
    """Return a member with what it has by its events."""
    wave_min, wave_max = finite(curve.wave_min), finite(curve.wave_max)
    exposure_s = curve.totals.exposure_s
    return replace(
        member, wave_min=wave_min, wave_max=wave_max, exposure_s=exposure_s, band=curve.band
    )


def _differ(members: Sequence[Member]) -> bool:
    """Tell whether not all members have nearly the same wavelengths, by what is known of them."""
    if any(member.has_own_settings for member in members):
        return True
    known = [member for member in members if member.range]
    return len({member.segments for member in known}) > 1 or bool(list(tell_cut(known)))


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
            f"It has {', '.join(curve.segments)}, but {count_exposures(number)} with more exposure "
            f"time x band {'have' if number > 1 else 'has'} {', '.join(kept)}."
        )
        for curve in curves
        if curve.segments != kept
    }


def limit_settings(
    settings: ExtractionSettings, members: Sequence[Member]
) -> ExtractionSettings | None:
    """Return the settings with the range (Angstrom) that all members have, if there is one."""
    ranges = [member.range for member in members if member.range]
    if not ranges:
        return settings
    lower = max([*(pair[0] for pair in ranges), settings.wave_min or 0.0])
    upper = min([*(pair[1] for pair in ranges), settings.wave_max or math.inf])
    return replace(settings, wave_min=lower, wave_max=upper) if lower < upper else None

"""Prepare a lightcurve: what there is to extract of each file, and in which bins.

Nothing of the events is read here, but for the headers and the small tables of their files.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from hstql_assets.batching.bad_data import BadData, BadExposure, NothingToExtract, Reason
from hstql_assets.lightcurves.event_weights import Plan
from hstql_assets.lightcurves.events import EventFile, open_events
from hstql_assets.lightcurves.instruments import AnySpectrum, make_plan, read_any_spectrum
from hstql_assets.lightcurves.quality import check_headers, tell_odd_times
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.time_bins import TimeBins, make_time_bins
from hstql_assets.lightcurves.x1d_rates import tells_background
from hstql_resources.times import SECONDS_PER_DAY

FEW_GOOD = 0.1  # of the columns of a segment: with less, it is worth a word
SAME_START_S = 0.01  # both segments take EXPSTART from the same clock


@dataclass(frozen=True)
class Prepared:
    """A lightcurve of which the events are not read yet.

    Parameters
    ----------
    settings : ExtractionSettings
        How it is extracted.
    used : list of EventFile
        The files that it is made of.
    plans : mapping of Path to Plan
        What there is to extract of each file, of those not used too.
    bins : TimeBins
        The bins.
    rejected : tuple of BadData
        Files that were left out.
    """

    settings: ExtractionSettings
    used: list[EventFile]
    plans: Mapping[Path, Plan]
    bins: TimeBins
    rejected: tuple[BadData, ...]

    def uses(self, file: EventFile) -> bool:
        """Whether it is made of a file."""
        return any(file.path == one.path for one in self.used)

    def doubt(self, reasons: Mapping[Path, str]) -> "Prepared":
        """Return the same without the background in the x1d of some files; with the reasons."""
        plans = {
            path: plan.doubt(reasons[path]) if path in reasons else plan
            for path, plan in self.plans.items()
        }
        return replace(self, plans=plans)

    @property
    def used_plans(self) -> list[Plan]:
        """The plans of the files that are used."""
        return [self.plans[file.path] for file in self.used]

    @property
    def band(self) -> float:
        """Wavelengths of the columns used, Angstrom, each for itself; NaN if not known."""
        return sum(plan.band for plan in self.used_plans)

    @property
    def wave_span(self) -> tuple[float, float]:
        """Shortest and longest wavelength used, Angstrom; NaN where no x1d tells."""
        each = [plan.exposures for plan in self.used_plans]
        regions = chain.from_iterable(chain.from_iterable(each))
        waves = np.concatenate([[], *(region.used_wavelength for region in regions)])
        return (float(waves.min()), float(waves.max())) if len(waves) else (math.nan, math.nan)

    @property
    def background_source(self) -> str:
        """What tells how much background there is: `x1d`, `events` or `none`."""
        if not all(plan.is_background_subtracted for plan in self.used_plans):
            return "none"
        return "x1d" if all(tells_background(plan.x1d) for plan in self.used_plans) else "events"

    def tell_odd(self) -> Iterator[str]:
        """Say what of an exposure is left out, and what is odd about the times of the rest."""
        for problem in self.rejected:
            yield f"{problem.filename} is left out: {problem.reason}: {problem.detail}"
        for path, plan in self.plans.items():
            for segment, share in plan.good_shares.items():
                if share < FEW_GOOD:
                    yield f"{path.name}: only {share:.2%} of the columns of {segment} are good."
            yield from plan.remarks
        for file in self.used:
            yield from tell_odd_times(file)
        yield from self.bins.remarks


def open_checked(
    events: Sequence[Path], bad_proposals: frozenset[int], rejected: list[BadData]
) -> list[EventFile]:
    """Return the event files that are good by their headers; add the others to `rejected`."""
    files = []
    for path in sorted(events):
        try:
            file = open_events(path)
            check_headers(file, bad_proposals)
        except BadData as problem:
            rejected.append(problem)
        else:
            files.append(file)
    return files


def read_spectrum_of(
    x1d: Path | None, files: list[EventFile], rejected: list[BadData]
) -> AnySpectrum | None:
    """Read the x1d of an exposure; BadExposure if it cannot be used."""
    if x1d is None or not files or files[0].is_imaging:
        return None
    try:
        return read_any_spectrum(x1d, files[0])
    except BadData as problem:
        raise BadExposure([*rejected, problem]) from problem


def foresee(events: Sequence[Path], x1d: Path | None, settings: ExtractionSettings) -> Prepared:
    """Find what a lightcurve will be made of, if nothing is odd about the events themselves.

    Parameters are those of `make_lightcurve`, exceptions those of `prepare`.
    """
    rejected: list[BadData] = []
    files = open_checked(events, settings.bad_proposals, rejected)
    return prepare(files, read_spectrum_of(x1d, files, rejected), settings, tuple(rejected))


def prepare(
    files: list[EventFile],
    spectrum: AnySpectrum | None,
    settings: ExtractionSettings,
    rejected: tuple[BadData, ...],
) -> Prepared:
    """Find what there is to extract of the files of an exposure, and in which bins.

    Raises
    ------
    BadExposure
        If no file is left; one that has nothing to extract by its own fault is left out.
    NothingToExtract
        If the settings leave nothing.
    """
    while files:
        try:
            return _prepare(files, spectrum, settings, rejected)
        except BadData as problem:
            rejected = (*rejected, problem)
            files = [file for file in files if file.path.name != problem.filename]
    raise BadExposure(rejected)


def _prepare(
    files: list[EventFile],
    spectrum: AnySpectrum | None,
    settings: ExtractionSettings,
    rejected: tuple[BadData, ...],
) -> Prepared:
    for file in files:
        _require_same_exposure(file, files[0])
    plans = {file.path: make_plan(file, spectrum, settings) for file in files}
    used = [file for file in files if plans[file.path].segments]
    if not used:
        if any(plan.has_good for plan in plans.values()):
            raise NothingToExtract(describe_wavelengths("good column", files[0], settings))
        candidates = tuple(name for plan in plans.values() for name in plan.good_shares)
        raise BadExposure([*rejected, plans[files[0].path].nothing_good(candidates)])
    return Prepared(settings, used, plans, make_time_bins(used, settings), rejected)


def _require_same_exposure(file: EventFile, first: EventFile) -> None:
    later_d = file.exposure.exp_start_mjd - first.exposure.exp_start_mjd
    if abs(later_d * SECONDS_PER_DAY) > SAME_START_S:
        raise BadData(
            file.path.name,
            Reason.UNREADABLE,
            f"begins {later_d * SECONDS_PER_DAY:.3f} s after {first.path.name}: these are "
            "not two segments of one exposure.",
        )


def describe_wavelengths(what: str, file: EventFile, settings: ExtractionSettings) -> str:
    """Say that an exposure has none of something at the wavelengths that were asked for."""
    spans = settings.windows or [settings.wavelength_limits(file.exposure.detector)]
    where = " or ".join(f"{lower:g} to {upper:g}" for lower, upper in spans)
    outside = " outside airglow" if settings.find_airglow(file.exposure) else ""
    return (
        f"{file.exposure.rootname} has no {what} from {where} Angstrom{outside}: "
        "choose wider limits."
    )

"""Make the lightcurve of an exposure, from its event files and its x1d to arrays with units.

This is the way in: `make_lightcurve`. How a lightcurve is stored is told in `product`.

Both FUV segments together are one lightcurve: live when both were good, with the mean flux over
the columns of both.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hstql_assets.batching.bad_data import BadData, BadExposure, NothingToExtract, Reason
from hstql_assets.lightcurves.event_weights import Plan
from hstql_assets.lightcurves.events import EventFile, Exposure, open_events
from hstql_assets.lightcurves.extraction import sum_events
from hstql_assets.lightcurves.instruments import AnySpectrum, make_plan, read_any_spectrum
from hstql_assets.lightcurves.quality import check_headers, tell_odd_times
from hstql_assets.lightcurves.rates import (
    BinValues,
    Signal,
    Totals,
    add_signals,
    bin_values,
    measure_signal,
    totals,
)
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.time_bins import TimeBins, make_time_bins
from hstql_assets.lightcurves.x1d_comparison import compare
from hstql_assets.lightcurves.x1d_rates import tells_background
from hstql_resources.times import SECONDS_PER_DAY

FEW_GOOD = 0.1  # of the columns of a segment: with less, it is worth a word
SAME_START_S = 0.01  # both segments take EXPSTART from the same clock


@dataclass(frozen=True)
class UsedFile:
    """A file that a lightcurve was made from."""

    filename: str
    cal_ver: str


@dataclass(frozen=True)
class Lightcurve:
    """Counts, rates and fluxes of an exposure in equal time bins.

    Parameters
    ----------
    exposure : Exposure
        What was observed.
    settings : ExtractionSettings
        How it was extracted.
    segments : tuple of str
        Segments or stripes that it holds.
    wave_min, wave_max : float
        Shortest and longest wavelength used, Angstrom.
    totals : Totals
        One number for each quantity.
    inputs : tuple of UsedFile
        Files used.
    rejected : tuple of BadData
        Files of the exposure that were left out.
    bins : BinValues
        The arrays.
    is_background_subtracted : bool
        False where no background region is known.
    missing_references : tuple of str
        Reference files that the events were corrected without, ``KEYWORD=name: why``.
    remarks : tuple of str
        What was left out or is odd, a sentence each, which names the file.
    band : float
        Wavelengths of the columns used, Angstrom, each for itself; NaN if not known, as in a file.
    background_source : str
        What tells how much background there is: ``x1d``, ``events`` or, if nothing does, ``none``.
    x1d_ratio : float
        Mean flux, or net where that is not calibrated, over that of the x1d in the same columns;
        NaN without an x1d.
    x1d_note : str
        Why that may differ from 1, sentences; empty where it does not.
    """

    exposure: Exposure
    settings: ExtractionSettings
    segments: tuple[str, ...]
    wave_min: float
    wave_max: float
    totals: Totals
    inputs: tuple[UsedFile, ...]
    rejected: tuple[BadData, ...]
    bins: BinValues
    is_background_subtracted: bool = True
    missing_references: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    band: float = math.nan
    background_source: str = "none"
    x1d_ratio: float = math.nan
    x1d_note: str = ""

    @property
    def is_flux_calibrated(self) -> bool:
        """Whether there is a flux; it needs an x1d."""
        return math.isfinite(self.totals.flux)

    @property
    def mjd(self) -> np.ndarray:
        """Left edges of the bins, MJD (UTC)."""
        return self.exposure.exp_start_mjd + self.bins.times_s / SECONDS_PER_DAY

    @property
    def mjd_centre(self) -> np.ndarray:
        """Centres of the bins, MJD (UTC)."""
        return self.mjd + self.settings.bin_s / 2 / SECONDS_PER_DAY


def make_lightcurve(
    events: Sequence[Path], x1d: Path | None, settings: ExtractionSettings | None = None
) -> Lightcurve:
    """Make the lightcurve of a COS or STIS TIME-TAG exposure.

    Parameters
    ----------
    events : sequence of Path
        One corrtag of COS/NUV or STIS, or corrtag_a, corrtag_b or both of COS/FUV; plain or
        gzipped.
    x1d : Path or None
        The spectrum extracted from the same exposure. Without it there are counts but no flux;
        for STIS those of the whole detector, with no background subtracted.
    settings : ExtractionSettings or None
        How to extract; None for the defaults.

    Returns
    -------
    Lightcurve
        If one of two segments is bad it is of the other, and the bad one is in `rejected`.

    Raises
    ------
    BadExposure
        If no event file is good, or the x1d is not.
    NothingToExtract
        If the settings leave nothing: no column within the wavelength limits, no time with the Sun
        low enough, or bins too many to make.
    ValueError
        If there is no file.
    """
    if not events:
        raise ValueError("make_lightcurve needs at least one event file.")
    settings = settings or ExtractionSettings()
    rejected: list[BadData] = []
    files = []
    for path in sorted(events):
        try:
            files.append(_open_checked(path, settings))
        except BadData as problem:
            rejected.append(problem)
    spectrum = _spectrum(x1d, files, rejected)
    while files:
        try:
            return _extract(files, spectrum, settings, tuple(rejected))
        except BadData as problem:
            # A fault that only the events show. The rest has good times of its own: start again.
            rejected.append(problem)
            files = [file for file in files if file.path.name != problem.filename]
    raise BadExposure(rejected)


def _open_checked(path: Path, settings: ExtractionSettings) -> EventFile:
    file = open_events(path)
    check_headers(file, settings.bad_proposals)
    return file


def _spectrum(
    x1d: Path | None, files: list[EventFile], rejected: list[BadData]
) -> AnySpectrum | None:
    if x1d is None or not files or files[0].is_imaging:
        return None
    try:
        return read_any_spectrum(x1d, files[0])
    except BadData as problem:
        raise BadExposure([*rejected, problem]) from problem


def _extract(
    files: list[EventFile],
    spectrum: AnySpectrum | None,
    settings: ExtractionSettings,
    rejected: tuple[BadData, ...],
) -> Lightcurve:
    for file in files:
        _require_same_exposure(file, files[0])
    plans = {file.path: make_plan(file, spectrum, settings) for file in files}
    used = [file for file in files if plans[file.path].segments]
    if not used:
        if any(plan.has_good for plan in plans.values()):
            raise NothingToExtract(_no_wavelength("good column", files[0], settings))
        candidates = tuple(name for plan in plans.values() for name in plan.good_shares)
        raise BadExposure([*rejected, plans[files[0].path].nothing_good(candidates)])
    bins = make_time_bins(used, settings.bin_s, settings.sun_altitude_max_deg)
    parts = [_measure(file, plans[file.path], bins) for file in used]
    signal = add_signals([part.signal for part in parts])
    wave_min, wave_max = np.transpose([part.wave_span for part in parts])
    if np.isnan(wave_min).all() and not signal.gross.any():
        raise NothingToExtract(_no_wavelength("good event", used[0], settings))
    all_totals = totals(signal, bins)
    comparison = compare([(file, plans[file.path].x1d) for file in used], bins, all_totals)
    inputs = [UsedFile(file.path.name, file.cal_ver) for file in used]
    if spectrum is not None:
        inputs.append(UsedFile(spectrum.path.name, spectrum.cal_ver))
    is_simulated = any(file.exposure.is_simulated for file in used)
    return Lightcurve(
        exposure=replace(used[0].exposure, is_simulated=is_simulated),
        settings=settings,
        segments=tuple(name for file in used for name in plans[file.path].segments),
        wave_min=float(np.fmin.reduce(wave_min)),
        wave_max=float(np.fmax.reduce(wave_max)),
        totals=all_totals,
        inputs=tuple(inputs),
        rejected=rejected,
        bins=bin_values(signal, bins),
        is_background_subtracted=all(plans[file.path].is_background_subtracted for file in used),
        missing_references=tuple(name for file in used for name in file.missing_references),
        remarks=(
            *_tell_odd(plans, used, rejected),
            *bins.remarks,
            *(remark for part in parts for remark in part.remarks),
        ),
        band=sum(plans[file.path].band for file in used),
        background_source=_find_background_source([plans[file.path] for file in used]),
        x1d_ratio=comparison.ratio,
        x1d_note=comparison.note,
    )


@dataclass(frozen=True)
class _Part:
    """What one file adds to a lightcurve."""

    signal: Signal
    wave_span: tuple[float, float]
    remarks: tuple[str, ...]


def _measure(file: EventFile, plan: Plan, bins: TimeBins) -> _Part:
    worth = plan.open_weights()
    sums, remarks = sum_events(file, worth, bins)
    return _Part(measure_signal(sums, bins, worth, plan.x1d), worth.wave_span, remarks)


def _find_background_source(plans: Sequence[Plan]) -> str:
    if not all(plan.is_background_subtracted for plan in plans):
        return "none"
    return "x1d" if all(tells_background(plan.x1d) for plan in plans) else "events"


def _tell_odd(
    plans: Mapping[Path, Plan], used: list[EventFile], rejected: tuple[BadData, ...]
) -> Iterator[str]:
    """Say what of an exposure is left out, and what is odd about the times of the rest."""
    for problem in rejected:
        yield f"{problem.filename} is left out: {problem.reason}: {problem.detail}"
    for path, plan in plans.items():
        for segment, share in plan.good_shares.items():
            if share < FEW_GOOD:
                yield f"{path.name}: only {share:.2%} of the columns of {segment} are good."
    for file in used:
        yield from tell_odd_times(file)


def _require_same_exposure(file: EventFile, first: EventFile) -> None:
    later_d = file.exposure.exp_start_mjd - first.exposure.exp_start_mjd
    if abs(later_d * SECONDS_PER_DAY) > SAME_START_S:
        raise BadData(
            file.path.name,
            Reason.UNREADABLE,
            f"begins {later_d * SECONDS_PER_DAY:.3f} s after {first.path.name}: these are "
            "not two segments of one exposure.",
        )


def _no_wavelength(what: str, file: EventFile, settings: ExtractionSettings) -> str:
    lower, upper = settings.wavelength_limits(file.exposure.detector)
    outside = " outside airglow" if settings.exclude_airglow else ""
    return (
        f"{file.exposure.rootname} has no {what} from {lower:g} to {upper:g} Angstrom{outside}: "
        "choose wider limits."
    )

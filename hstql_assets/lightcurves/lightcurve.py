"""Make the lightcurve of an exposure, from its event files and its x1d to arrays with units.

This is the way in: `make_lightcurve`, and `make_lightcurves` for several of one exposure, for which
its events are read once. How a lightcurve is stored is told in `product`.

Both FUV segments together are one lightcurve: live when both were good, with the mean flux over
the columns of both.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hstql_assets.batching.bad_data import BadData, BadExposure, NothingToExtract
from hstql_assets.lightcurves.barycentric_times import BarycentricTimes, find_barycentric_times
from hstql_assets.lightcurves.event_weights import EventWeights
from hstql_assets.lightcurves.events import EventFile, Exposure
from hstql_assets.lightcurves.extraction import BinSums, sum_events
from hstql_assets.lightcurves.instruments import AnySpectrum
from hstql_assets.lightcurves.joining import join_to_target
from hstql_assets.lightcurves.preparation import (
    Prepared,
    describe_wavelengths,
    open_checked,
    prepare,
    read_spectrum_of,
)
from hstql_assets.lightcurves.rates import (
    BandFluxes,
    BinValues,
    Signal,
    Totals,
    add_signals,
    band_fluxes,
    bin_values,
    measure_signal,
    total_band_fluxes,
    totals,
)
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.time_bins import TimeBins
from hstql_assets.lightcurves.x1d_comparison import compare, find_contradiction
from hstql_assets.lightcurves.x1d_rates import X1dRates
from hstql_resources.times import SECONDS_PER_DAY

Unmade = BadExposure | NothingToExtract


@dataclass(frozen=True)
class UsedFile:
    """A file that a lightcurve was made from."""

    filename: str
    cal_ver: str


@dataclass(frozen=True)
class Lightcurve:
    """Counts, rates and fluxes of an exposure in time bins.

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
    barycentric : BarycentricTimes
        Centres of the bins at the barycentre of the solar system.
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
    barycentric: BarycentricTimes
    is_background_subtracted: bool = True
    missing_references: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    band: float = math.nan
    background_source: str = "none"
    x1d_ratio: float = math.nan
    x1d_note: str = ""
    edges_s: np.ndarray | None = None
    band_fluxes: BandFluxes | None = None
    band_totals: BandFluxes | None = None

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
        return self.mjd + self.widths_s / 2 / SECONDS_PER_DAY

    @property
    def widths_s(self) -> np.ndarray:
        """Widths of the bins, s, shape (bins,)."""
        if self.edges_s is None:
            return np.full(len(self.bins.times_s), self.settings.bin_s)
        return np.asarray(np.diff(self.edges_s))


def make_lightcurve(
    events: Sequence[Path],
    x1d: Path | None,
    settings: ExtractionSettings | None = None,
    spt: Path | None = None,
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
    spt : Path or None
        The support file of the exposure, which tells the orbit of the telescope.

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
    (made,) = make_lightcurves(events, x1d, [settings or ExtractionSettings()], spt)
    if not isinstance(made, Lightcurve):
        raise made
    return made


def make_lightcurves(
    events: Sequence[Path],
    x1d: Path | None,
    each: Sequence[ExtractionSettings],
    spt: Path | None = None,
) -> list[Lightcurve | Unmade]:
    """Make several lightcurves of an exposure, and read its events once for all of them.

    Parameters
    ----------
    events, x1d, spt
        As `make_lightcurve` takes them.
    each : sequence of ExtractionSettings
        How to extract each.

    Returns
    -------
    list
        For each settings the lightcurve; or what `make_lightcurve` would raise: then the others
        are made all the same.

    Raises
    ------
    ValueError
        If there is no file.
    """
    if not events:
        raise ValueError("make_lightcurve needs at least one event file.")
    rejected: list[BadData] = []
    refused = frozenset[int]().union(*(settings.bad_proposals for settings in each))
    files = open_checked(events, refused, rejected)
    try:
        spectrum = read_spectrum_of(x1d, files, rejected)
    except BadExposure as bad:
        return [bad] * len(each)
    while files:
        try:
            return _extract(files, spectrum, each, tuple(rejected), spt)
        except BadData as problem:
            # A fault that only the events show. The rest has good times of its own: start again.
            rejected.append(problem)
            files = [file for file in files if file.path.name != problem.filename]
    return [BadExposure(rejected)] * len(each)


def _extract(
    files: list[EventFile],
    spectrum: AnySpectrum | None,
    each: Sequence[ExtractionSettings],
    rejected: tuple[BadData, ...],
    spt: Path | None,
) -> list[Lightcurve | Unmade]:
    """Prepare, read all files, and make what can be made; BadData if the events of one are bad."""
    prepared: list[Prepared | Unmade] = []
    for settings in each:
        try:
            prepared.append(prepare(files, spectrum, settings, rejected))
        except (BadExposure, NothingToExtract) as reason:
            prepared.append(reason)
    parts = _sum_all(files, prepared)
    doubted = [_doubt(one, own) for one, own in zip(prepared, parts, strict=True)]
    if any(one is not before for one, before in zip(doubted, prepared, strict=True)):
        parts = _sum_all(files, doubted)
    return [
        _assemble(one, own, spectrum, spt) if isinstance(one, Prepared) else one
        for one, own in zip(doubted, parts, strict=True)
    ]


@dataclass(frozen=True)
class _Part:
    """What one file adds to a lightcurve."""

    sums: BinSums
    worth: EventWeights
    x1d: X1dRates | None
    remarks: tuple[str, ...]


def _sum_all(files: list[EventFile], each: Sequence[Prepared | Unmade]) -> list[list[_Part]]:
    """Read all files; return for each lightcurve what those add up to that it is made of."""
    parts: list[list[_Part]] = [[] for _ in each]
    for file in files:
        users = [
            (one, own)
            for one, own in zip(each, parts, strict=True)
            if isinstance(one, Prepared) and one.uses(file)
        ]
        takers = [(one.plans[file.path].open_weights(), one.bins) for one, _ in users]
        summed = sum_events(file, takers) if users else ()
        for (one, own), (worth, _), (sums, remarks) in zip(users, takers, summed, strict=True):
            own.append(_Part(sums, worth, one.plans[file.path].x1d, remarks))
    return parts


def _doubt(prepared: Prepared | Unmade, parts: Sequence[_Part]) -> Prepared | Unmade:
    """Let events tell the background of files that contradict their x1d; they are read again."""
    if not isinstance(prepared, Prepared):
        return prepared
    reasons = {
        file.path: reason
        for file, part in zip(prepared.used, parts, strict=True)
        if (reason := find_contradiction(file, part.x1d, prepared.bins, part.sums))
    }
    return prepared.doubt(reasons) if reasons else prepared


def _assemble(
    prepared: Prepared, parts: Sequence[_Part], spectrum: AnySpectrum | None, spt: Path | None
) -> Lightcurve | NothingToExtract:
    used, settings = prepared.used, prepared.settings
    bins, signal = _measure(parts, prepared.bins, settings.target_sn)
    wave_min, wave_max = np.transpose([part.worth.wave_span for part in parts])
    if np.isnan(wave_min).all() and not signal.gross.any():
        return NothingToExtract(describe_wavelengths("good event", used[0], settings))
    all_totals = totals(signal, bins)
    comparison = compare(
        [(file, part.x1d) for file, part in zip(used, parts, strict=True)], bins, all_totals
    )
    inputs = [UsedFile(file.path.name, file.cal_ver) for file in used]
    if spectrum is not None:
        inputs.append(UsedFile(spectrum.path.name, spectrum.cal_ver))
    is_simulated = any(file.exposure.is_simulated for file in used)
    has_band = len(signal.fluxes) > 1
    return Lightcurve(
        exposure=replace(used[0].exposure, is_simulated=is_simulated),
        settings=settings,
        segments=tuple(name for plan in prepared.used_plans for name in plan.segments),
        wave_min=float(np.fmin.reduce(wave_min)),
        wave_max=float(np.fmax.reduce(wave_max)),
        totals=all_totals,
        inputs=tuple(inputs),
        rejected=prepared.rejected,
        bins=bin_values(signal, bins),
        barycentric=find_barycentric_times(used[0], spt, bins.edges_s[:-1] + bins.widths_s / 2),
        is_background_subtracted=all(plan.is_background_subtracted for plan in prepared.used_plans),
        missing_references=tuple(name for file in used for name in file.missing_references),
        remarks=(
            *prepared.tell_odd(),
            *(remark for part in parts for remark in part.remarks),
            *_tell_target(used[0], signal, settings.target_sn),
        ),
        band=prepared.band,
        background_source=prepared.background_source,
        x1d_ratio=comparison.ratio,
        x1d_note=comparison.note,
        edges_s=None if bins.cuts_s is None else bins.edges_s,
        band_fluxes=band_fluxes(signal, bins) if has_band else None,
        band_totals=total_band_fluxes(signal, bins) if has_band else None,
    )


def _measure(
    parts: Sequence[_Part], bins: TimeBins, target_sn: float | None
) -> tuple[TimeBins, Signal]:
    """Subtract the background of all files, in these bins or in joined ones."""

    def measure(sums: Sequence[BinSums], bins: TimeBins) -> Signal:
        return add_signals([
            measure_signal(of_file, bins, part.worth, part.x1d)
            for of_file, part in zip(sums, parts, strict=True)
        ])  # fmt: skip

    sums = [part.sums for part in parts]
    if target_sn is None:
        return bins, measure(sums, bins)
    return join_to_target(sums, bins, measure, target_sn)


def _tell_target(file: EventFile, signal: Signal, target_sn: float | None) -> Iterator[str]:
    """Say so where all of an exposure together does not reach the signal to noise asked for."""
    if target_sn is None or len(signal.gross) > 1:
        return
    reached = float(signal.gross[0] - signal.background[0]) / math.sqrt(signal.variance[0])
    if not reached >= target_sn:
        yield (
            f"{file.exposure.rootname}: all of it together has a signal to noise of {reached:.2g}, "
            f"not {target_sn:g}."
        )

"""Make the time-resolved spectra of an exposure, from its event files and its x1d to arrays.

With T the live seconds of an interval, n the calibrated columns of a wavelength bin, b(t) the rate
of the background events over its mean, and S_c and EE_c as in `lightcurves.rates`::

    gross      = number of source events
    background = T b(t) x sum over the columns of the background that the x1d has, count/s
    flux       = (sum over source events of EPSILON / (S_c EE_c), over T, - b(t) ...) / n

So the mean of the flux over the live time is FLUX of the x1d, averaged over the columns of the bin.
Where the x1d tells no background, that of the background events is spread over the columns by the
rows of their boxes. Errors are the expected ones of `science.steady_cells`, with the variance of
b(t). Each segment has its own good times, as in the x1d.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hstql_assets.batching.bad_data import BadData, BadExposure, NothingToExtract
from hstql_assets.lightcurves.barycentric_times import BarycentricTimes, find_barycentric_times
from hstql_assets.lightcurves.events import EventFile, Exposure
from hstql_assets.lightcurves.extraction import BinSums, EventSums, read_events
from hstql_assets.lightcurves.instruments import AnySpectrum
from hstql_assets.lightcurves.lightcurve import UsedFile
from hstql_assets.lightcurves.preparation import Prepared, open_checked, prepare, read_spectrum_of
from hstql_assets.lightcurves.rates import Totals, measure_signal, totals
from hstql_assets.lightcurves.x1d_comparison import compare, find_contradiction
from hstql_assets.lightcurves.x1d_rates import tells_background
from hstql_assets.science.airglow import find_airglow
from hstql_assets.science.steady_cells import expect_cells
from hstql_assets.time_resolved.background import spread_background
from hstql_assets.time_resolved.cells import Cells, make_cells
from hstql_assets.time_resolved.counting import CellSums
from hstql_assets.time_resolved.settings import IntervalSettings
from hstql_resources.times import SECONDS_PER_DAY

MOST_CELLS = 10_000_000  # 160 MB of file, and 1 GB of memory


@dataclass(frozen=True)
class FileSpectra:
    """What one event file makes; arrays are of (intervals,), (cells,) or (intervals, cells).

    Parameters
    ----------
    cells : Cells
        The wavelength bins.
    exposure_s : numpy.ndarray
        Live time of each interval, s.
    gross, background : numpy.ndarray
        Counts; NaN where nothing was live, or no column is used.
    flux, error : numpy.ndarray
        erg/s/cm2/Angstrom; NaN where also no column is calibrated.
    totals : Totals
        One number for each quantity.
    x1d_ratio, x1d_note : float, str
        As `Lightcurve` has them.
    background_source : str
        What tells how much background there is: ``x1d``, ``events`` or ``none``.
    remarks : tuple of str
        What was left out or is odd, a sentence each.
    """

    cells: Cells
    exposure_s: np.ndarray
    gross: np.ndarray
    background: np.ndarray
    flux: np.ndarray
    error: np.ndarray
    totals: Totals
    x1d_ratio: float
    x1d_note: str
    background_source: str
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class TimeResolvedSpectra:
    """Spectra of an exposure in equal intervals of time.

    Parameters
    ----------
    exposure : Exposure
        What was observed.
    settings : IntervalSettings
        How it was extracted.
    edges_s : numpy.ndarray, shape (intervals + 1,)
        Edges of the intervals, seconds from EXPSTART.
    barycentric : BarycentricTimes
        Their centres at the barycentre of the solar system.
    files : tuple of FileSpectra
        What each event file makes.
    inputs : tuple of UsedFile
        Files used.
    rejected : tuple of BadData
        Files of the exposure that were left out.
    """

    exposure: Exposure
    settings: IntervalSettings
    edges_s: np.ndarray
    barycentric: BarycentricTimes
    files: tuple[FileSpectra, ...]
    inputs: tuple[UsedFile, ...]
    rejected: tuple[BadData, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Segments, stripes or orders."""
        return tuple(name for file in self.files for name in file.cells.names)

    @property
    def edges_mjd(self) -> np.ndarray:
        """Edges of the intervals, MJD (UTC)."""
        return np.asarray(self.exposure.exp_start_mjd + self.edges_s / SECONDS_PER_DAY)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was left out or is odd, a sentence each."""
        left_out = (
            f"{one.filename} is left out: {one.reason}: {one.detail}" for one in self.rejected
        )
        return (*left_out, *(remark for file in self.files for remark in file.remarks))

    @property
    def is_flux_calibrated(self) -> bool:
        """Whether there is a flux."""
        return any(bool(file.cells.calibrated.any()) for file in self.files)

    def join(self, name: str) -> np.ndarray:
        """Return an array of the files region by region, shape (regions, intervals, bins)."""
        intervals = len(self.edges_s) - 1
        parts = [
            getattr(file, name).reshape(intervals, -1, file.cells.per_region).swapaxes(0, 1)
            for file in self.files
        ]
        return np.concatenate(parts)

    def join_cells(self, name: str) -> np.ndarray:
        """Return an array of the cells of the files region by region, shape (regions, bins)."""
        parts = [
            getattr(file.cells, name).reshape(-1, file.cells.per_region) for file in self.files
        ]
        return np.concatenate(parts)


def make_time_resolved(
    events: Sequence[Path], x1d: Path, settings: IntervalSettings, spt: Path | None = None
) -> TimeResolvedSpectra:
    """Make the time-resolved spectra of a COS or STIS TIME-TAG exposure.

    Parameters
    ----------
    events : sequence of Path
        Its corrtag files, one at least.
    x1d : Path
        Its spectrum.
    settings : IntervalSettings
        How to extract.
    spt : Path or None
        Its support file, which tells the orbit of the telescope.

    Raises
    ------
    BadExposure
        If no event file is good, or the x1d is not.
    NothingToExtract
        If it is an image, or the settings leave nothing.
    """
    rejected: list[BadData] = []
    files = open_checked(events, settings.bad_proposals, rejected)
    spectrum = read_spectrum_of(x1d, files, rejected)
    if files and spectrum is None:
        raise NothingToExtract(f"{files[0].exposure.rootname} is an image: it has no spectrum.")
    ready = _prepare_each(files, spectrum, settings, rejected)
    edges_s = _cut_time(ready, settings)
    made: list[tuple[EventFile, FileSpectra]] = []
    for file, prepared in ready:
        try:
            made.append((file, _measure(file, prepared, edges_s, settings)))
        except BadData as problem:
            rejected.append(problem)
    if spectrum is None or not made:
        raise BadExposure(rejected)
    used = [file for file, _ in made]
    inputs = [UsedFile(file.path.name, file.cal_ver) for file in used]
    is_simulated = any(file.exposure.is_simulated for file in used)
    return TimeResolvedSpectra(
        exposure=replace(used[0].exposure, is_simulated=is_simulated),
        settings=settings,
        edges_s=edges_s,
        barycentric=find_barycentric_times(used[0], spt, (edges_s[1:] + edges_s[:-1]) / 2),
        files=tuple(spectra for _, spectra in made),
        inputs=(*inputs, UsedFile(spectrum.path.name, spectrum.cal_ver)),
        rejected=tuple(rejected),
    )


def _prepare_each(
    files: list[EventFile],
    spectrum: AnySpectrum | None,
    settings: IntervalSettings,
    rejected: list[BadData],
) -> list[tuple[EventFile, Prepared]]:
    """Prepare each file by itself; add those that are bad to `rejected`."""
    ready: list[tuple[EventFile, Prepared]] = []
    nothing: NothingToExtract | None = None
    for file in files:
        try:
            ready.append((file, prepare([file], spectrum, settings.extraction, ())))
        except BadExposure as bad:
            rejected += bad.problems
        except NothingToExtract as reason:
            nothing = reason
    if not ready:
        raise nothing or BadExposure(rejected)
    return ready


def _cut_time(
    ready: Sequence[tuple[EventFile, Prepared]], settings: IntervalSettings
) -> np.ndarray:
    """Return the edges of equal intervals, s, up to the end of the last good time of all files."""
    end_s = max(float(prepared.bins.live_s[-1, 1]) for _, prepared in ready)
    number = max(round(end_s / settings.interval_s), 1)
    cells = number * sum(
        region.is_used.size / settings.columns_of(file.exposure.detector)
        for file, prepared in ready
        for region in prepared.plans[file.path].exposures[0]
    )
    if cells > MOST_CELLS:
        raise NothingToExtract(
            f"Intervals of {settings.interval_s:g} s would be {cells:,.0f} bins of time and "
            f"wavelength, more than {MOST_CELLS:,}: choose longer ones."
        )
    return np.linspace(0.0, end_s, number + 1)


def _measure(
    file: EventFile, prepared: Prepared, edges_s: np.ndarray, settings: IntervalSettings
) -> FileSpectra:
    """Read the events of a file; BadData if they are bad."""
    plan = prepared.plans[file.path]
    if plan.x1d is None or len({len(regions) for regions in plan.exposures}) != 1:
        raise NothingToExtract(
            f"The exposures in the x1d of {file.exposure.rootname} have different orders."
        )
    bins = replace(prepared.bins, width_s=edges_s[1], count=len(edges_s) - 1, cuts_s=edges_s)
    cells = make_cells(plan.exposures, settings.columns_of(file.exposure.detector))
    cube = CellSums(file, plan.open_weights(subtracts=False), bins, cells)
    # Cells have no background of their own; of a whole spectrum events can tell it.
    whole = cube if tells_background(plan.x1d) else EventSums(file, plan.open_weights(), bins)
    read_events(file, [cube] if whole is cube else [cube, whole])
    sums, remarks = cube.finish()
    if reason := find_contradiction(file, plan.x1d, bins, sums):
        return _measure(file, prepared.doubt({file.path: reason}), edges_s, settings)
    signal = measure_signal(whole.finish()[0], bins, whole.worth, plan.x1d)
    comparison = compare([(file, plan.x1d)], bins, totals(signal, bins))
    epsilon_squared = _square_epsilon(sums, cells, cube)
    lost = spread_background(sums, bins, cells, plan.x1d, math.sqrt(epsilon_squared))
    live_s = bins.exposure_s
    leads = ~_is_airglow(file.exposure, cells.wavelength) & (cells.columns > 0)
    expected = expect_cells(cube.gross, live_s, cells.columns, leads)
    variance = expected * cells.flux_squares * epsilon_squared + lost.flux_variance
    live = np.where(live_s > 0, live_s, np.nan)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        known = np.where(cells.columns > 0, live / live, np.nan)
        per_flux = 1 / (live * np.where(cells.calibrated > 0, cells.calibrated, np.nan))
    return FileSpectra(
        cells=cells,
        exposure_s=live_s,
        gross=cube.gross * known,
        background=lost.counts * known,
        flux=(cube.flux - lost.flux) * per_flux,
        error=np.sqrt(variance) * per_flux,
        totals=totals(signal, bins),
        x1d_ratio=comparison.ratio,
        x1d_note=comparison.note,
        background_source=prepared.background_source,
        remarks=(*prepared.tell_odd(), *remarks),
    )


def _is_airglow(exposure: Exposure, wavelength: np.ndarray) -> np.ndarray:
    """Tell which wavelengths, Angstrom, the sky lights up; bool, of their shape."""
    windows = find_airglow(exposure.instrument, exposure.opt_elem, exposure.aperture)
    inside = [(wavelength >= first) & (wavelength <= last) for first, last in windows]
    return np.asarray(np.logical_or.reduce([np.zeros(len(wavelength), bool), *inside]))


def _square_epsilon(sums: BinSums, cells: Cells, cube: CellSums) -> float:
    """Return the mean square of EPSILON, of events as they are spread over the cells."""
    expected = float((cube.gross.sum(axis=0) * cells.flux_squares).sum())
    return float(sums.fluxes_squares[:1].sum()) / expected if expected > 0 else 1.0

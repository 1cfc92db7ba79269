"""Find flares: stretches in which a source is brighter than its quiet level and its own scatter.

Windows of 1, 2, 4 ... bins slide over an exposure. With n events where mu are expected of the quiet
level and the background, the significance of a window is the root of twice the likelihood ratio,
2 (n log(n / mu) - n + mu) (Cash 1979, ApJ 228, 939), less the median over windows of its length,
over their robust scatter where that is more than 1: a source that flickers scatters more than its
events do. The most significant window that noise has with a probability below 0.001,
however many were tried, is a flare. It begins and ends where a quarter of the window beside it is
no brighter by two standard deviations; for its energy it is extended to both sides by windows for
as long as that brings light, and once more, so that its tails are in it. That is repeated without
it, with the quiet level anew.

The energy is what the flux is above the quiet level, added up over the flare (as Hawley et al.
2014, ApJ 797, 121, section 3, do), and the equivalent duration (Gershberg 1972, Ap&SS 19, 75) that
of the net rate, over the quiet rate.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, xlogy

from hstql_assets.lightcurves.table import CurveTable

FALSE_ALARMS = 1e-3  # of a constant source's lightcurve, at most
FEWEST_BINS = 20
LONGEST = 8  # an exposure has so many of the longest windows
MOST_FLARES = 20  # in an exposure
ROUNDS = 3
QUIET_COUNTS = 30.0  # of a window by which the quiet level is first guessed
SIGMA_OF_MAD = 1.4826
BRIGHT = (2.0, 0.5)  # standard deviations from which what is beside a flare is seen, and added
TINY = 1e-9


@dataclass(frozen=True)
class Flare:
    """One flare.

    Parameters
    ----------
    dataset : int
        Number of its exposure in the file, from 1.
    start_mjd, end_mjd, peak_mjd : float
        Edges, and the centre of the brightest bin, MJD (UTC).
    significance : float
        Standard deviations of the most significant window in it.
    counts : float
        Events above the quiet level.
    equivalent_duration_s, equivalent_duration_error_s : float or None
        Time in which the quiet source sends as much; None if that is not seen.
    fluence, fluence_error : float or None
        Energy above the quiet level, erg/cm2, from WMIN to WMAX; None without a flux.
    """

    dataset: int
    start_mjd: float
    end_mjd: float
    peak_mjd: float
    significance: float
    counts: float
    equivalent_duration_s: float | None
    equivalent_duration_error_s: float | None
    fluence: float | None
    fluence_error: float | None


def find_flares(table: CurveTable) -> list[Flare]:
    """Find the flares of a lightcurve.

    Parameters
    ----------
    table : CurveTable
        Individual or composite; each exposure has a quiet level of its own.

    Returns
    -------
    list of Flare
        In order of time.
    """
    flares = []
    for number in np.unique(table.dataset):
        full = np.flatnonzero((table.dataset == number) & table.is_full & np.isfinite(table.gross))
        if len(full) >= FEWEST_BINS:
            flares += _search(table, full[np.argsort(table.times_s[full], kind="stable")])
    return sorted(flares, key=lambda flare: flare.start_mjd)


def _search(table: CurveTable, full: np.ndarray) -> list[Flare]:
    """Find the flares in the fully live bins of an exposure, given by their places, shape (n,)."""
    events = table.gross[full]
    background = np.maximum(np.nan_to_num(table.background[full]), 0.0)
    place = np.rint(table.times_s[full] / table.bin_s).astype(int)
    quiet = np.ones(len(full), bool)
    expected = _guess_quiet(events, background)
    found: list[tuple[slice, slice, float]] = []
    for _ in range(ROUNDS):
        before, found, quiet = found, [], np.ones(len(full), bool)
        while len(found) < MOST_FLARES:
            strongest = _find_strongest(events, expected, place, quiet)
            if strongest is None:
                break
            window, sigmas = strongest
            width = window.stop - window.start
            seen = _extend(window, events, expected, quiet, max(width // 4, 1), once_more=False)
            whole = _extend(window, events, expected, quiet, width, once_more=True)
            found.append((seen, whole, sigmas))
            quiet[whole] = False
        level = max(float(np.mean((events - background)[quiet])), 0.0) if quiet.any() else 0.0
        expected = np.maximum(level + background, 0.5 / len(full))
        if [one[0] for one in found] == [one[0] for one in before]:
            break
    return [_measure(table, full, *flare, quiet, expected) for flare in found]


def _guess_quiet(events: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Return the expected counts of each bin, shape (n,): the median of windows of 30 counts."""
    mean = max(float(events.mean()), 0.5 / len(events))
    width = int(np.clip(np.ceil(QUIET_COUNTS / mean), 1, len(events) // LONGEST))
    whole = len(events) // width * width
    net = (events - background)[:whole].reshape(-1, width).mean(axis=1)
    return np.asarray(np.maximum(np.median(net) + background, 0.5 / len(events)))


def _find_strongest(
    events: np.ndarray, expected: np.ndarray, place: np.ndarray, quiet: np.ndarray
) -> tuple[slice, float] | None:
    """Return the most significant window of quiet bins, with its significance."""
    n = np.concatenate([[0], np.cumsum(np.where(quiet, events, 0.0))])
    mu = np.concatenate([[0], np.cumsum(np.where(quiet, expected, 0.0))])
    widths = [2**power for power in range(20) if LONGEST * 2**power <= len(events)]
    least = -ndtri(FALSE_ALARMS / sum(len(events) - width + 1 for width in widths))
    best = (least, slice(0))
    for width in widths:
        counts, level = n[width:] - n[:-width], np.maximum(mu[width:] - mu[:-width], TINY)
        # The root of the likelihood ratio is never more than this.
        if np.max((counts - level) / np.sqrt(level)) < least:
            continue
        sigmas = _compare(counts, level)
        is_whole = place[width - 1 :] - place[: len(counts)] == width - 1
        is_whole &= np.convolve(quiet, np.ones(width), "valid") == width
        if not is_whole.any():
            continue
        middle = np.median(sigmas[is_whole])
        scatter = SIGMA_OF_MAD * np.median(np.abs(sigmas[is_whole] - middle))
        top = int(np.argmax(np.where(is_whole, sigmas, -np.inf)))
        value = float((sigmas[top] - max(middle, 0.0)) / max(scatter, 1.0))
        best = max(best, (value, slice(top, top + width)), key=lambda one: one[0])
    where = best[1]
    return (where, best[0]) if where.stop else None


def _compare(counts: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return the significance of counts where a level is expected, shape (n,)."""
    ratio = 2 * (xlogy(counts, counts / level) - (counts - level))
    root = np.sqrt(np.maximum(ratio, 0.0))
    return np.asarray(np.where(counts > level, root, -root))


def _extend(
    where: slice,
    events: np.ndarray,
    expected: np.ndarray,
    quiet: np.ndarray,
    step: int,
    *,
    once_more: bool,
) -> slice:
    """Return a window with what is bright beside it, by steps in bins, and one more if wanted."""
    edges = [where.start, where.stop]
    for side, sign in ((0, -1), (1, 1)):
        is_bright = True
        while is_bright:
            new = int(np.clip(edges[side] + sign * step, 0, len(events)))
            beside = slice(min(new, edges[side]), max(new, edges[side]))
            if new == edges[side] or not quiet[beside].all():
                break
            counts, level = events[beside].sum(), expected[beside].sum()
            is_bright = counts - level > BRIGHT[once_more] * np.sqrt(level)
            if is_bright or once_more:
                edges[side] = new
    return slice(*edges)


def _measure(
    table: CurveTable,
    full: np.ndarray,
    seen: slice,
    whole: slice,
    sigmas: float,
    quiet: np.ndarray,
    expected: np.ndarray,
) -> Flare:
    """Measure a flare, as it is seen and with its tails, in bins at places `full`, shape (n,)."""
    bins, calm, bright = full[whole], full[quiet], full[seen]
    peak = bins[int(np.argmax(table.gross[bins]))]
    bin_d = 2 * (table.mjd_centre[bins[0]] - table.mjd[bins[0]])
    net = _add_up(table.net, table.net_error, table.exposure_s, bins, calm)
    flux = _add_up(table.flux, table.flux_error, table.exposure_s, bins, calm)
    is_seen = net is not None and net.quiet > 3 * net.quiet_error
    wave_min, wave_max = table.wave_range
    width = wave_max - wave_min
    has_energy = flux is not None and np.isfinite(width)
    return Flare(
        dataset=int(table.dataset[bins[0]]),
        start_mjd=float(table.mjd[bright[0]]),
        end_mjd=float(table.mjd[bright[-1]] + bin_d),
        peak_mjd=float(table.mjd_centre[peak]),
        significance=sigmas,
        counts=float(table.gross[bins].sum() - expected[whole].sum()),
        equivalent_duration_s=net.total / net.quiet if net and is_seen else None,
        equivalent_duration_error_s=net.relative_error() if net and is_seen else None,
        fluence=flux.total * width if flux and has_energy else None,
        fluence_error=flux.error * width if flux and has_energy else None,
    )


@dataclass(frozen=True)
class _Sum:
    """What is above the quiet level, over the flare; and that level, each with its error."""

    total: float
    error: float
    quiet: float
    quiet_error: float

    def relative_error(self) -> float:
        """Return the error of the total over the quiet level."""
        from_quiet = self.total / self.quiet * self.quiet_error
        return float(np.hypot(self.error, from_quiet) / self.quiet)


def _add_up(
    values: np.ndarray, errors: np.ndarray, live_s: np.ndarray, bins: np.ndarray, calm: np.ndarray
) -> _Sum | None:
    """Add up a rate times live time (s) over bins, less its mean over calm ones; None without."""
    if not (np.isfinite(values[bins]).all() and np.isfinite(values[calm]).any()):
        return None
    calm = calm[np.isfinite(values[calm]) & np.isfinite(errors[calm])]
    if not len(calm):
        return None
    quiet = float(np.average(values[calm], weights=live_s[calm]))
    quiet_error = float(np.sqrt(np.sum((errors[calm] * live_s[calm]) ** 2)) / live_s[calm].sum())
    time_s = live_s[bins]
    own = np.sum((errors[bins] * time_s) ** 2)
    return _Sum(
        total=float(np.sum(values[bins] * time_s) - quiet * time_s.sum()),
        error=float(np.sqrt(own + (quiet_error * time_s.sum()) ** 2)),
        quiet=quiet,
        quiet_error=quiet_error,
    )

"""Fit a law of how a spectrum drifts after the mechanisms have moved.

The law is a relaxation: shift(t) = constant + drift (1 - exp(-t / time)), with t since the move.
Each exposure and segment has a constant of its own, for the place that a move ends at varies by
about as much as the drift.
"""

from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.osm_shifts.differences import Direction
from hstql_assets.monitors.osm_shifts.drift_samples import DriftSamples
from hstql_assets.monitors.osm_shifts.flash_table import Bools, Floats
from hstql_assets.science.robust import SIGMA_PER_DEVIATION

# The mechanism with the grating.
GRATING_ON = {"FUV": "OSM1", "NUV": "OSM2"}
# Where it is only known how long ago a move was at most, and that is more, a fit leaves it out. A
# law from such times has too much drift: by a fifth where the whole bound is wrong.
LONGEST_BOUND_S = 300.0
FEWEST_EXPOSURES = 8
CLIP_SIGMAS = 5.0
TIMES_S = (30.0, 100_000.0)  # between which the time constant is searched
LARGEST_CONDITION = 1e10  # of the normal matrix: beyond it drift and time cannot be told apart
_GRID = 200
_ENOUGH = 10_000  # flashes to find the place on the grid, from which all of them lead on
_PRECISION = 1e-7  # of the logarithm of the time constant

Groups = NDArray[np.int64]


@dataclass(frozen=True)
class DriftLaw:
    """A drift law as fitted.

    Attributes
    ----------
    drift, drift_error : float
        How far it goes in the end, pixel.
    time_s, time_error_s : float
        Time constant, s.
    exposures, flashes : int
        That it was fitted to.
    scatter : float
        Standard deviation of a flash about it, pixel.
    is_bound : bool
        Whether some of the times since the move are what they were at most.
    """

    drift: float
    drift_error: float
    time_s: float
    time_error_s: float
    exposures: int
    flashes: int
    scatter: float
    is_bound: bool = False

    def at(self, since_s: Floats) -> Floats:
        """Return the drift since the move, pixel, at times since the move, s; shape (n,) both."""
        return np.asarray(self.drift * -np.expm1(-since_s / self.time_s))


@dataclass(frozen=True, eq=False)
class _Flashes:
    """What the law is fitted to, s and pixel; each array of shape (n,)."""

    since_s: Floats
    shifts: Floats
    group: Groups
    exposure: NDArray[np.int32]

    @cached_property
    def centred(self) -> Floats:
        """The shifts less the mean of their exposure and segment, pixel."""
        return _centre(self.shifts, self.group)

    @cached_property
    def counts(self) -> Groups:
        """How many flashes each exposure and segment has."""
        return np.bincount(self.group)

    def where(self, chosen: Bools) -> "_Flashes":
        return _Flashes(
            self.since_s[chosen], self.shifts[chosen], self.group[chosen], self.exposure[chosen]
        )


def fit_drift(samples: DriftSamples, mechanism: str, direction: Direction) -> DriftLaw | None:
    """Fit the law to the flashes whose time since the move the schedule tells.

    Where these are too few, those with a close bound are taken as well.

    Parameters
    ----------
    samples : DriftSamples
        Of one grating.
    mechanism : str
        OSM1 or OSM2.
    direction : str
        disp or xdisp.

    Returns
    -------
    DriftLaw or None
        None with fewer than `FEWEST_EXPOSURES`, or if the flashes do not tell a time constant
        between 30 and 100,000 s.

    Notes
    -----
    Least squares over all flashes, all with the same weight. The constant of each exposure and
    segment is taken out by subtracting means, the drift is linear, and the time constant is
    searched. Flashes more than 5 robust deviations from the law are left out, once. The errors
    come from the scatter about the law.
    """
    law = _fit_clipped(_select(samples, mechanism, direction, with_bounds=False))
    if law is not None:
        return law
    law = _fit_clipped(_select(samples, mechanism, direction, with_bounds=True))
    return None if law is None else replace(law, is_bound=True)


def _select(
    samples: DriftSamples, mechanism: str, direction: Direction, *, with_bounds: bool
) -> _Flashes:
    shifts = getattr(samples.flashes, direction)
    chosen = is_timed(samples, mechanism, with_bounds=with_bounds) & np.isfinite(shifts)
    since_s = samples.since_s[mechanism]
    return _Flashes(since_s, shifts, samples.group, samples.flashes.exposure).where(chosen)


def _fit_clipped(flashes: _Flashes) -> DriftLaw | None:
    law = _fit(flashes)
    if law is None:
        return None
    distances = np.abs(_centre(flashes.shifts - law.at(flashes.since_s), flashes.group))
    is_kept = distances <= CLIP_SIGMAS * SIGMA_PER_DEVIATION * float(np.median(distances))
    return law if is_kept.all() else _fit(flashes.where(is_kept))


def is_timed(samples: DriftSamples, mechanism: str, *, with_bounds: bool) -> Bools:
    """Return which flashes have a time since the move that a fit can use, shape (n,).

    The mechanism is OSM1 or OSM2; `with_bounds` says whether a close bound of the time will do.
    """
    since_s = samples.since_s[mechanism]
    start_s = since_s - samples.flashes.time_s
    is_close = ~samples.is_bound | (with_bounds & (start_s <= LONGEST_BOUND_S))
    return np.isfinite(since_s) & (since_s > 0.0) & is_close


def align(law: DriftLaw, since_s: Floats, shifts: Floats, group: Groups) -> Floats:
    """Return shifts less the constant of their exposure and segment, pixel: drift since the move.

    Parameters
    ----------
    law : DriftLaw
        The constants are those that it fits best with.
    since_s, shifts : ndarray, shape (n,)
        Time since the move, s; shift, pixel. No NaN.
    group : ndarray of int, shape (n,)
        Exposure and segment.
    """
    model = law.at(since_s)
    return np.asarray(model + _centre(shifts - model, group))


def _fit(flashes: _Flashes) -> DriftLaw | None:
    exposures = len(np.unique(flashes.exposure))
    freedom = len(flashes.shifts) - np.count_nonzero(flashes.counts) - 2
    if exposures < FEWEST_EXPOSURES or freedom < 1:
        return None
    time_s = _search_time(flashes)
    if time_s is None:
        return None
    drift, remains = _project(flashes, time_s)
    variance = remains / freedom
    errors = _find_errors(flashes, drift, time_s, variance)
    if errors is None:
        return None
    return DriftLaw(
        drift, errors[0], time_s, errors[1], exposures, len(flashes.shifts), float(variance**0.5)
    )


def _project(flashes: _Flashes, time_s: float) -> tuple[float, float]:
    """Return the drift that fits best with a time constant, and the squares that it leaves."""
    data = flashes.centred
    shape = _centre(-np.expm1(-flashes.since_s / time_s), flashes.group, flashes.counts)
    power = float(shape @ shape)
    drift = float(shape @ data) / power if power > 0.0 else 0.0
    return drift, float(((data - drift * shape) ** 2).sum())


def _find_errors(
    flashes: _Flashes, drift: float, time_s: float, variance: float
) -> tuple[float, float] | None:
    """Return the errors of drift and time constant; None if they cannot be told apart."""
    decay = np.exp(-flashes.since_s / time_s)
    by_drift = _centre(1.0 - decay, flashes.group)
    by_time = _centre(-drift * decay * flashes.since_s / time_s**2, flashes.group)
    normal = np.array(
        [[by_drift @ by_drift, by_drift @ by_time], [by_drift @ by_time, by_time @ by_time]]
    )
    scales = np.sqrt(np.diag(normal))
    if not (scales > 0.0).all() or np.linalg.cond(normal / np.outer(scales, scales)) > (
        LARGEST_CONDITION
    ):
        return None
    errors = np.sqrt(np.diag(np.linalg.inv(normal)) * variance)
    return float(errors[0]), float(errors[1])


def _centre(values: Floats, group: Groups, counts: Groups | None = None) -> Floats:
    """Return values less the mean of their group; all of shape (n,), groups from 0.

    The numbers of values in the groups can be given, where they are known.
    """
    if not len(values):
        return values
    counts = np.bincount(group) if counts is None else counts
    means = np.bincount(group, values) / np.maximum(counts, 1)
    return np.asarray(values - means[group])


def _search_time(flashes: _Flashes) -> float | None:
    """Return the time constant that fits best, s; None if it is at an end of the range.

    It is looked for roughly with a part of the exposures, where there are many, and then with all.
    """
    # A fifth of a second that only those who fit wait for.
    from scipy.optimize import minimize_scalar

    low, high = (float(np.log(time_s)) for time_s in TIMES_S)
    grid = np.linspace(low, high, _GRID).tolist()
    few = flashes.where(flashes.group % (1 + len(flashes.group) // _ENOUGH) == 0)
    best = int(np.argmin([_project(few, time_s)[1] for time_s in np.exp(grid)]))
    measure = cache(lambda logarithm: _project(flashes, np.exp(logarithm))[1])
    while (lower := min(_beside(best), key=lambda place: measure(grid[place]))) != best:
        best = lower
    if best in (0, _GRID - 1):
        return None
    ends = (grid[best - 1], grid[best + 1])
    found = minimize_scalar(measure, bounds=ends, method="bounded", options={"xatol": _PRECISION})
    return float(np.exp(found.x))


def _beside(place: int) -> range:
    """Return a place on the grid and those next to it."""
    return range(max(place - 1, 0), min(place + 2, _GRID))

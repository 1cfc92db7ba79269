"""Choose the stretches of time in which the stims of an exposure are measured."""

import math

import numpy as np
from numpy.typing import NDArray

# Pulses of a stim in one stretch: 120 place it to 0.15 pixel, and an exposure of 2000 s, where the
# stims pulse at 1 Hz each, has 17 stretches.
PULSES = 120
MOST_WINDOWS = 50
# STIMRATE by exposure time, where the header has none: the electronics go faster in short ones.
RATES_HZ = ((10.0, 2000.0), (100.0, 30.0), (math.inf, 2.0))


def usual_rate(exposure_s: float) -> float:
    """Return the usual STIMRATE of an exposure of some length [Hz].

    2000 Hz below 10 s, 30 Hz below 100 s, 2 Hz above: the steps at which COSMO changed its own
    stretches of time.
    """
    return next(rate for longest, rate in RATES_HZ if exposure_s < longest)


def make_edges(duration_s: float, stim_rate_hz: float) -> NDArray[np.float64]:
    """Return the edges of equal stretches that cover an exposure, shape (n + 1,) [s].

    Parameters
    ----------
    duration_s : float
        From the start of the exposure to its end.
    stim_rate_hz : float
        STIMRATE: the pulses a second of both stims together, so half of it each.
    """
    if duration_s <= 0.0:
        return np.array([0.0])
    pulses = duration_s * stim_rate_hz / 2.0
    number = min(max(round(pulses / PULSES), 1), MOST_WINDOWS)
    return np.linspace(0.0, duration_s, number + 1)


def live_times(edges: NDArray[np.float64], intervals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much of each stretch is in good time intervals, shape (n,) [s].

    Parameters
    ----------
    edges : ndarray, shape (n + 1,)
    intervals : ndarray, shape (m, 2)
        Start and stop of each [s]; they do not overlap.
    """
    starts, stops = edges[:-1, np.newaxis], edges[1:, np.newaxis]
    common = np.minimum(stops, intervals[:, 1]) - np.maximum(starts, intervals[:, 0])
    live: NDArray[np.float64] = np.clip(common, 0.0, None).sum(axis=1)
    return live

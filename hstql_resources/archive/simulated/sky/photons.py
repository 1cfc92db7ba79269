"""Draw when and where photons arrive, by chance, for any instrument."""

import numpy as np
from numpy.typing import NDArray

SPEED_OF_LIGHT_KM_S = 299792.458


def draw_times(
    rng: np.random.Generator, rate: float, stop_s: float, start_s: float = 0.0
) -> NDArray[np.float64]:
    """Return times [s] from start to stop, shape (n,), n as a rate [1/s] gives by chance."""
    return rng.uniform(start_s, stop_s, rng.poisson(rate * (stop_s - start_s)))


def pick_columns(
    rng: np.random.Generator, rates: NDArray[np.float64], size: int
) -> NDArray[np.intp]:
    """Return columns, from 0, shape (size,), drawn as often as rates, shape (columns,), say."""
    cumulative = np.cumsum(rates)
    drawn = rng.random(size) * cumulative[-1]
    columns: NDArray[np.intp] = np.searchsorted(cumulative, drawn, side="right")
    return columns

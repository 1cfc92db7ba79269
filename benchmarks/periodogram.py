"""Seconds of a periodogram, hstql against scipy.signal.lombscargle, at the same frequencies.

    python benchmarks/periodogram.py [--bins 3000] [--repeats 7]

Two periodograms: the one that hstql looks for periods in, and the three grids of hstlc. Both ways
must give the same powers.
"""

import os
from collections.abc import Callable

import numpy as np
from harness import read_arguments, time_in_turn
from scipy import signal

from hstql_assets.statistics.periodogram import compute_power, make_grid
from hstql_assets.statistics.series import Series
from hstql_assets.statistics.three_grids import classical_power, period_grids

BIN_S = 2.0
MEAN, PERIOD_S, AMPLITUDE = 50.0, 312.7, 0.05
TOLERANCE = 1e-6


def main() -> None:
    arguments = read_arguments(__doc__, bins=3000, repeats=7)
    series = make_source(arguments.bins)
    grid = make_grid(series)
    print(f"{os.cpu_count()} cores, one of them used; {arguments.bins} bins, medians of repeats")
    compare(
        f"one grid, {grid.count:,} frequencies",
        lambda: compute_power(series, series.centred, grid),
        lambda: scipy_power(series, 2 * np.pi * grid.frequency_hz, floating_mean=True),
        arguments.repeats,
    )
    grids = period_grids(arguments.bins)
    compare(
        f"hstlc's grids, {sum(map(len, grids)):,} periods",
        lambda: np.concatenate(
            [classical_power(series.times_s, series.rates, periods_s) for periods_s in grids]
        ),
        lambda: np.concatenate(
            [scipy_power(series, 2 * np.pi / periods_s, floating_mean=False) for periods_s in grids]
        ),
        arguments.repeats,
    )


def make_source(bins: int) -> Series:
    """Make a sinusoid with Poisson noise."""
    times_s = np.arange(bins) * BIN_S
    law = 1 + AMPLITUDE * np.sin(2 * np.pi * times_s / PERIOD_S)
    counts = np.random.default_rng(1).poisson(MEAN * law).astype(float)
    errors = np.full(bins, np.sqrt(MEAN) / BIN_S)
    return Series(times_s, counts / BIN_S, errors, np.zeros(bins, int), BIN_S)


def scipy_power(series: Series, omega: np.ndarray, *, floating_mean: bool) -> np.ndarray:
    """Return the powers of scipy at angular frequencies [rad/s], shape (n,)."""
    values = series.rates - series.rates.mean()
    return np.asarray(
        signal.lombscargle(
            series.times_s, values, omega, normalize=True, floating_mean=floating_mean
        )
    )


def compare(
    name: str, ours: Callable[[], np.ndarray], theirs: Callable[[], np.ndarray], repeats: int
) -> None:
    np.testing.assert_allclose(ours(), theirs(), atol=TOLERANCE)
    seconds = time_in_turn({"hstql": ours, "scipy": theirs}, repeats)
    our_s, their_s = (float(np.median(values)) for values in seconds.values())
    print(f"{name:36s} {1e3 * our_s:8.2f} ms  scipy {their_s:7.3f} s  {their_s / our_s:8.0f} times")


if __name__ == "__main__":
    main()

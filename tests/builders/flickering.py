"""Series of sources that flicker: red noise of a slope and strength, in gaps and orbits."""

import numpy as np

from builders.made_curves import BIN_S, Law, constant
from hstql_assets.statistics.series import Series

LONGER = 16  # what is slower than the series is in it, too
SAMPLINGS = ("whole", "gaps", "orbits")
ORBIT_S, VISIBLE_S = 5760.0, 2000.0


def make_flicker(rng: np.random.Generator, bins: int, slope: float, rms: float) -> np.ndarray:
    """Noise with a spectrum f^-slope about 1 (Timmer & Koenig 1995, A&A 300, 707), from a cut."""
    frequency = np.fft.rfftfreq(bins * LONGER)
    spectrum = rng.normal(size=len(frequency)) + 1j * rng.normal(size=len(frequency))
    spectrum[1:] *= frequency[1:] ** (-slope / 2)
    spectrum[0] = 0
    start = rng.integers(0, bins * (LONGER - 1))
    noise = np.fft.irfft(spectrum, bins * LONGER)[start : start + bins]
    return np.maximum(1 + rms * (noise - noise.mean()) / noise.std(), 0)


def make_series(
    rng: np.random.Generator,
    mean: float,
    *,
    slope: float = 1.0,
    rms: float = 0.0,
    sampling: str = "whole",
    bins: int = 1000,
    law: Law = constant,
) -> Series:
    """Poisson counts, `mean` a bin, of a source that flickers and follows a law."""
    if sampling == "orbits":
        bins = int((2 * ORBIT_S + VISIBLE_S) / BIN_S)
    since_s = np.arange(bins) * BIN_S + BIN_S / 2
    live, orbit = np.ones(bins, bool), np.zeros(bins, int)
    if sampling == "gaps":
        live[int(0.4 * bins) : int(0.5 * bins)] = live[int(0.7 * bins) : int(0.72 * bins)] = False
    if sampling == "orbits":
        live, orbit = since_s % ORBIT_S < VISIBLE_S, (since_s // ORBIT_S).astype(int)
    flicker = make_flicker(rng, bins, slope, rms) if rms else np.ones(bins)
    counts = rng.poisson(mean * flicker * law(since_s))[live].astype(float)
    dataset = orbit[live]
    variance = np.maximum(np.bincount(dataset, counts) / np.bincount(dataset), 0.005)
    return Series(
        times_s=since_s[live] - since_s[live][0],
        rates=counts / BIN_S,
        errors=np.sqrt(variance)[dataset] / BIN_S,
        dataset=dataset,
        bin_s=BIN_S,
    )

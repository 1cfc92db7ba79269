"""Seconds for the gain of a full cumulative image, hstql against a fit by astropy per superpixel.

    python benchmarks/gain.py [--sample 300] [--repeats 3] [--cube]

What is measured, and what it came to, is in README.md. The cube has 1,048,576 superpixels, half of
them with events: from 30 to some thousands, gains from 2.5 to 14.
"""

import argparse
import os
import resource
import statistics
import time
import warnings
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.modeling import fitting, models
from harness import scratch
from scipy.special import ndtr

from builders.gain_map_files import corrected_events, write_events
from hstql_assets.monitors.gain.cci_file import read_cci
from hstql_assets.monitors.gain.fitting.cubes import (
    PULSE_HEIGHTS,
    SHAPE,
    Counts,
    Lit,
    count_events,
    empty_counts,
)
from hstql_assets.monitors.gain.fitting.superpixels import SuperpixelGains, find_gains

WIDTH = 1.05
LEAST, MOST = 30.0, 3000.0  # events of a superpixel
GAINS = (2.5, 14.0)
BACKGROUND = 0.02  # of the events, all pulse heights alike
HEIGHTS = np.arange(PULSE_HEIGHTS, dtype=np.float64)
CUBE_EVENTS = 10_000_000
# The two weigh events differently: a sample may differ by the noise of the worse.
LARGEST_DIFFERENCE = 1.0
BLOCK_ROWS = 16


def main() -> None:
    arguments = _parse()
    counts = make_cube()
    lit = Lit.of(counts)
    is_wanted = np.ones(SHAPE[1:], bool)
    print(f"{os.cpu_count()} cores, one of them used; medians of {arguments.repeats} runs")
    times = []
    for _ in range(arguments.repeats):
        start = time.process_time()
        gains = find_gains(lit, is_wanted)
        times.append(time.process_time() - start)
    ours = statistics.median(times)
    sample = np.random.default_rng(1).choice(len(gains.x), arguments.sample, replace=False)
    theirs, means, is_fitted = fit_sample(counts, gains, sample)
    report(gains, ours, theirs / len(sample) * gains.fitted)
    compare(gains, sample, means, is_fitted)
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"peak memory of this process, cube and all: {peak_gb:.2f} GB")
    if arguments.cube:
        time_reading(counts)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=300, help="superpixels fitted by astropy")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--cube", action="store_true", help="time the reading of files as well")
    return parser.parse_args()


def make_cube() -> Counts:
    """Return a cube with events in every other superpixel, a few rows at a time."""
    rng = np.random.default_rng(20090511)
    counts = empty_counts()
    edges = np.arange(PULSE_HEIGHTS + 1)[:, np.newaxis] - 0.5
    for first in range(0, SHAPE[1], BLOCK_ROWS):
        number = BLOCK_ROWS * SHAPE[2] // 2
        gain = rng.uniform(*GAINS, number)
        events = np.exp(rng.uniform(np.log(LEAST), np.log(MOST), number))
        expected = events * np.diff(ndtr((edges - gain) / WIDTH), axis=0)
        expected += BACKGROUND * events / PULSE_HEIGHTS
        block = rng.poisson(expected).reshape(PULSE_HEIGHTS, BLOCK_ROWS, -1)
        counts[:, first : first + BLOCK_ROWS, ::2] = block
    return counts


def fit_sample(
    counts: Counts, gains: SuperpixelGains, sample: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the seconds of fits by astropy, their means, and whether each came to an end.

    `sample` has the indices of superpixels, shape (n,), as have means [pulse height] and ends.
    As COSMO has it: least squares without weights, width 1.05, mean from 1 to 30.
    """
    means, is_fitted = np.empty(len(sample)), np.empty(len(sample), bool)
    seconds = 0.0
    for i, at in enumerate(sample):
        histogram = counts[:, gains.y[at], gains.x[at]].astype(np.float64)
        histogram[[0, 1, 31]] = 0.0
        start = time.process_time()
        fitter = fitting.LevMarLSQFitter()
        model = models.Gaussian1D(
            amplitude=histogram.max(),
            mean=float(histogram.argmax()),
            stddev=WIDTH,
            fixed={"stddev": True},
            bounds={"mean": (1.0, 30.0)},
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = fitter(model, HEIGHTS, histogram)
        seconds += time.process_time() - start
        means[i], is_fitted[i] = found.mean.value, fitter.fit_info["ierr"] in (1, 2, 3, 4)
    return seconds, means, is_fitted


def report(gains: SuperpixelGains, ours_s: float, theirs_s: float) -> None:
    print(f"superpixels fitted            {gains.fitted:>12,}, {len(gains.x):,} with a gain")
    print(f"hstql, whole cube             {ours_s:>12.2f} s of CPU")
    print(f"astropy, whole cube           {theirs_s:>12.0f} s of CPU, extrapolated")
    print(f"ratio                         {theirs_s / ours_s:>12.0f}")


def compare(
    gains: SuperpixelGains, sample: np.ndarray, means: np.ndarray, is_fitted: np.ndarray
) -> None:
    """Print how the gains of a sample, shape (n,), differ; fail if by more than their noise."""
    difference = (gains.peaks.mean[sample] - means)[is_fitted]
    in_errors = difference / gains.peaks.mean_error[sample][is_fitted]
    print(f"largest difference of gains   {np.abs(difference).max():>12.3f} pulse heights")
    print(f"the same in errors of hstql   {np.abs(in_errors).max():>12.1f}")
    print(f"mean difference               {difference.mean():>12.4f} +- "
          f"{difference.std() / np.sqrt(difference.size):.4f}")  # fmt: skip
    if np.abs(difference).max() > LARGEST_DIFFERENCE:
        raise SystemExit("The two do not give the same gains.")


def time_reading(counts: Counts) -> None:
    """Print the time to make a cube of events, and of a cumulative image of the archive."""
    with scratch() as folder:
        path = write_corrtag(folder / "lone01aaq_corrtag_a.fits", counts)
        start = time.process_time()
        count_events(path)
        seconds = time.process_time() - start
        rows = fits.getheader(path, 1)["NAXIS2"]
        print(f"cube of {rows:,} events       {seconds:>12.2f} s of CPU")
        path.unlink()
        path = write_cci(folder / "l_2015006060000_00_163_cci.fits", counts)
        start = time.process_time()
        read_cci(path, "FUVA", 163)
        seconds = time.process_time() - start
        print(f"cube of a CCI file of {path.stat().st_size / 1e9:.1f} GB {seconds:>12.2f} s of CPU")


def write_corrtag(path: Path, counts: Counts) -> Path:
    """Write ten million events with the pulse heights of the cube's first rows."""
    plane, row, column = np.nonzero(counts[:, :64])
    number = np.arange(CUBE_EVENTS) % len(plane)
    return write_events(
        path, corrected_events(column[number] * 8.0, row[number] * 2.0, plane[number])
    )


def write_cci(path: Path, counts: Counts) -> Path:
    """Write a cumulative image of 16-bit pixels, each superpixel's events in its first pixel."""
    first = fits.PrimaryHDU()
    first.header.update({"EXPSTART": 57028.0, "EXPTIME": 1000.0, "DETHV": 163, "SEGMENT": "FUVA"})
    with path.open("wb") as file:
        file.write(first.header.tostring().encode())
        for plane in counts:
            pixels = np.zeros((SHAPE[1] * 2, SHAPE[2] * 8), ">i2")
            pixels[::2, ::8] = np.minimum(plane, 32_767)
            header = fits.ImageHDU(pixels).header.tostring().encode()
            file.write(header + pixels.tobytes() + bytes(-pixels.nbytes % 2880))
    return path


if __name__ == "__main__":
    main()

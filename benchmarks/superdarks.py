"""Seconds and memory for a superdark of full frames, hstql against whole stacks in numpy.

    python benchmarks/superdarks.py [--frames 20] [--step 1]

What is measured, and what it came to, is in README.md. A frame of UVIS has 4096 x 4102
pixels on two chips, 2 % of them hit by cosmic rays, 3 % hot. With a step there are fewer rows.
"""

import os
import resource
import time
from pathlib import Path

import numpy as np
from harness import read_arguments, scratch

from builders.dark_frames import EXPOSURE_S, FLASH_E, READ_NOISE_E, make_task, write_frame
from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.superdarks.measure import make_superdarks
from hstql_assets.monitors.superdarks.rejection import FOR_CURRENT, FOR_HOT

SHAPE = (2, 2051, 4096)


def main() -> None:
    arguments = read_arguments(__doc__ or "", frames=20, step=1)
    with scratch() as folder:
        rows = SHAPE[1] // arguments.step
        files = make_frames(folder, arguments.frames, (2, rows, SHAPE[2]))
        print(f"{arguments.frames} frames of {SHAPE[2]} x {2 * rows} pixels")
        report("hstql", lambda: make_superdarks(make_task(folder / "home", files)))
        report("numpy", lambda: stack_whole([files[name][0].path for name in sorted(files)]))


def make_frames(
    folder: Path, number: int, shape: tuple[int, int, int]
) -> dict[str, tuple[InputFile, ...]]:
    """Write frames of one noise, each moved, with rays of their own."""
    rng = np.random.default_rng(1)
    noise = np.hypot(READ_NOISE_E, FLASH_E**0.5)
    base = rng.standard_normal(shape, np.float32) * np.float32(noise)
    dark = np.full(shape, 0.002 * EXPOSURE_S, np.float32)
    is_hot = rng.random(shape, np.float32) < 0.03
    dark[is_hot] = 0.05 * EXPOSURE_S
    rays = int(0.02 * base[0].size)
    files = {}
    for index in range(number):
        charge = np.roll(base, 977 * (index + 1), axis=2) + dark
        for chip in charge:
            chip.reshape(-1)[rng.integers(0, chip.size, rays)] += 1000.0
        rootname = f"id01{index:04d}q"
        files[rootname] = (write_frame(folder, rootname, charge, 58262.1 + 0.15 * index),)
    return files


def stack_whole(paths: list[Path]) -> None:
    """Combine as anybody would: one chip of all frames at a time, whole arrays."""
    from astropy.io import fits

    for version in (1, 2):
        stack = np.stack([fits.getdata(path, "SCI", version) for path in paths]).astype(np.float32)
        for rejection in (FOR_CURRENT, FOR_HOT):
            guess = np.median(stack, axis=0)
            for sigma in rejection.sigmas:
                limit = sigma * np.sqrt(READ_NOISE_E**2 + FLASH_E + np.maximum(guess, 0.0))
                is_hit = stack - guess > limit
                guess = np.ma.array(stack, mask=is_hit).mean(axis=0).filled(0.0)


def report(name: str, work: object) -> None:
    """Run in a process of its own, for the memory, and print what it took."""
    child = os.fork()
    if child == 0:
        start, cpu = time.perf_counter(), time.process_time()
        work()  # type: ignore[operator]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
        print(
            f"{name:8} {time.perf_counter() - start:7.1f} s, {time.process_time() - cpu:7.1f} s of "
            f"CPU, {peak:,.0f} MB at most",
            flush=True,
        )
        os._exit(0)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main()

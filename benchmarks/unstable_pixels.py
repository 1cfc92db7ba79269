"""Seconds and memory for a map of unstable pixels of full frames, hstql against plain numpy.

    python benchmarks/unstable_pixels.py [--frames 44] [--step 1]

What is measured, and what it came to, is in README.md. A frame has 1014 x 1014 pixels, 1.5 % of
them telegraphs; with a step there are fewer rows.
"""

from pathlib import Path

import numpy as np
from harness import read_arguments, scratch
from superdarks import report

from builders.ir_darks import ERROR, make_task, write_flt
from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.unstable_pixels.measure import map_unstable

SIDE = 1014


def main() -> None:
    arguments = read_arguments(__doc__ or "", frames=44, step=1)
    with scratch() as folder:
        rows = SIDE // arguments.step
        files = make_frames(folder, arguments.frames, (rows, SIDE))
        print(f"{arguments.frames} frames of {SIDE} x {rows} pixels")
        report("hstql", lambda: map_unstable(make_task(folder / "home", files)))
        report("numpy", lambda: scatter([files[name][0].path for name in sorted(files)]))


def make_frames(
    folder: Path, number: int, shape: tuple[int, int]
) -> dict[str, tuple[InputFile, ...]]:
    """Write darks of one noise, each moved, with telegraphs that are each on or off."""
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(shape, np.float32) * np.float32(ERROR)
    step = np.where(rng.random(shape) < 0.015, 0.1 * 30.0 ** rng.random(shape), 0.0)
    errors = np.full(shape, ERROR, np.float32)
    files = {}
    for index in range(number):
        is_off = rng.random(shape) < 0.3
        rates = (0.05 + np.roll(noise, 97 * (index + 1), axis=1) + step * is_off).astype(np.float32)
        rootname = f"it01{index:04d}q"
        cards = {"EXPSTART": 57760.0 + index}
        files[rootname] = (write_flt(folder, rootname, (rates, errors), cards=cards, binning=1),)
    return files


def scatter(paths: list[Path]) -> None:
    """Call unstable what scatters by 5 sigma more than its errors, from one stack of all darks."""
    from astropy.io import fits

    rates, errors = (np.stack([fits.getdata(path, name) for path in paths]).astype(np.float32)
                     for name in ("SCI", "ERR"))  # fmt: skip
    rates -= np.median(rates, axis=(1, 2), keepdims=True)
    squares = ((rates - np.median(rates, axis=0)) ** 2 / (errors**2 + 0.02**2)).sum(axis=0)
    print(f"{np.count_nonzero(squares > len(paths) + 5.0 * (2.0 * len(paths)) ** 0.5)} by scatter")


if __name__ == "__main__":
    main()

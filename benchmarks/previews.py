"""CPU of a picture and its thumbnail, hstql against the way of acsql, on a full ACS/WFC exposure.

    python benchmarks/previews.py [--repeats 5] [--thumbnails 100]

The file is made here: two chips of 4096 x 2048 pixels with errors and data quality, 168 MB, noise
with stars and cosmic rays; and a raw one of 4144 x 2068 pixels a chip. Both ways read the file from
the page cache and write a JPEG at full resolution and a thumbnail of 128 pixels. Then pictures of
1024 x 1024 pixels are drawn one after the other in one process, to see how many a minute that is.
"""

import os
import statistics
import time
from pathlib import Path

import numpy as np
from astropy.io import fits
from harness import read_arguments, scratch, time_in_turn
from PIL import Image

from hstql_assets.batching.input_files import InputFile
from hstql_assets.images.reading import read_images
from hstql_assets.previews.drawing import PreviewTask, draw_previews
from hstql_assets.previews.stretching import Pixels, find_limits
from hstql_resources.filesystem import Filesystem

ROWS, COLUMNS = 2048, 4096
STARS, COSMIC_RAYS = 3000, 0.02


def main() -> None:
    arguments = read_arguments(__doc__, repeats=5, thumbnails=100)
    with scratch() as folder:
        print(f"{os.cpu_count()} cores, one of them used; medians of {arguments.repeats}")
        for path in (write_calibrated(folder), write_raw(folder)):
            compare(path, folder, arguments.repeats)
        compare_limits(folder / "jgen01aaq_flt.fits")
        draw_many(folder, arguments.thumbnails)


def make_sky(rng: np.random.Generator, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return electrons and flags of a chip."""
    values = rng.normal(60, 9, (rows, columns)).astype(np.float32)
    brightness = 200 * rng.pareto(1.0, STARS)
    y, x = rng.integers(8, rows - 8, STARS), rng.integers(8, columns - 8, STARS)
    for dy in range(-4, 5):
        for dx in range(-4, 5):
            values[y + dy, x + dx] += brightness * np.exp(-(dx**2 + dy**2) / 3.0)
    is_hit = rng.random((rows, columns), np.float32) < COSMIC_RAYS
    values[is_hit] += rng.exponential(2000, int(is_hit.sum())).astype(np.float32)
    return values, np.where(is_hit, 4096, 0).astype(np.int16)


def write_calibrated(folder: Path) -> Path:
    rng = np.random.default_rng(1)
    chips = []
    for _ in range(2):
        values, flags = make_sky(rng, ROWS, COLUMNS)
        chips.append((values, np.sqrt(np.abs(values)), flags))
    return write_chips(folder / "jgen01aaq_flt.fits", chips)


def write_raw(folder: Path) -> Path:
    rng = np.random.default_rng(2)
    chips = []
    for _ in range(2):
        values, _ = make_sky(rng, ROWS + 20, COLUMNS + 48)
        chips.append((np.clip(values / 2 + 2300, 0, 65535).astype(np.uint16), None, None))
    return write_chips(folder / "jgen01aaq_raw.fits", chips)


def write_chips(path: Path, chips: list[tuple[np.ndarray | None, ...]]) -> Path:
    """Write science, error and quality of chip 2, then of chip 1."""
    hdus = [fits.PrimaryHDU()]
    hdus[0].header["DETECTOR"] = "WFC"
    for version, images in enumerate(chips, 1):
        for name, pixels in zip(("SCI", "ERR", "DQ"), images, strict=True):
            hdus.append(fits.ImageHDU(pixels, name=name, ver=version))
        hdus[-3].header["CCDCHIP"] = 3 - version
    fits.HDUList(hdus).writeto(path)
    return path


def compare(path: Path, folder: Path, repeats: int) -> None:
    filetype = path.stem.split("_")[1]
    source = InputFile(path.name, filetype, path)
    task = PreviewTask("jgen01aaq", 1, (source,), (), Filesystem(folder / "home"))
    ways = {"hstql": lambda: draw_previews(task), "acsql": lambda: draw_as_acsql(path, folder)}
    seconds = time_in_turn(ways, repeats + 1, time.process_time)
    ours, theirs = (statistics.median(values[1:]) for values in seconds.values())
    print(
        f"{filetype}, {path.stat().st_size / 1e6:.0f} MB: hstql {ours:.3f} s, "
        f"acsql's way {theirs:.3f} s, {theirs / ours:.1f} times"
    )


def draw_as_acsql(path: Path, folder: Path) -> None:
    """Draw linearly between percentiles of every pixel, without gap, thumbnail from a copy."""
    with fits.open(path) as file:
        image = np.vstack([file[1].data, file[4].data])
    low, high = np.percentile(image, 1), np.percentile(image, 99)
    image[image <= low], image[image >= high] = low, high
    scaled = (image - low) / (image - low).max() * 255.0
    picture = folder / "acsql.jpg"
    Image.fromarray(np.flipud(scaled).astype(np.uint8)).save(picture)
    thumbnail = folder / "acsql.thumb"
    thumbnail.write_bytes(picture.read_bytes())
    with Image.open(thumbnail) as small:
        small.thumbnail((128, 128))
        small.save(thumbnail, "JPEG")


def compare_limits(path: Path) -> None:
    """Print how far the percentiles of the sample are from those of all good pixels."""
    images = read_images(path).images
    limits = find_limits([Pixels(image.values, image.flags) for image in images])
    assert limits is not None
    good = [image.values[image.flags == 0] for image in images if image.flags is not None]
    exact = np.percentile(np.concatenate(good), [1, 99])
    print(
        f"limits {limits.low:.2f} and {limits.high:.2f} from a sample, "
        f"{exact[0]:.2f} and {exact[1]:.2f} from all good pixels"
    )


def draw_many(folder: Path, number: int) -> None:
    """Draw pictures with thumbnails of many small exposures, one after the other."""
    rng = np.random.default_rng(3)
    tasks = []
    for index in range(number):
        values, flags = make_sky(rng, 1024, 1024)
        path = folder / f"jgen{index:04d}q_flt.fits"
        primary = fits.PrimaryHDU()
        primary.header["DETECTOR"] = "HRC"
        science, quality = fits.ImageHDU(values, name="SCI"), fits.ImageHDU(flags, name="DQ")
        fits.HDUList([primary, science, quality]).writeto(path)
        source = InputFile(path.name, "flt", path)
        tasks.append(PreviewTask(path.name[:9], 1, (source,), (), Filesystem(folder / "home")))
    start, start_cpu = time.perf_counter(), time.process_time()
    for task in tasks:
        assert draw_previews(task).status == "made"
    passed, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    print(
        f"1024 x 1024: {cpu / number * 1e3:.0f} ms of CPU each, "
        f"{number / passed * 60:,.0f} pictures with thumbnails a minute in one process"
    )


if __name__ == "__main__":
    main()

"""Time for the persistence of one exposure from those before it, and the plain numpy way.

    python benchmarks/persistence.py [--before 40] [--size 1014]

The files are made first: rates of a few bright stars on a sky. hstql reads them, works the
persistence out, and writes its file; the plain way reads them with astropy, works each image out in
doubles, takes the largest, and writes three images. Both in one process. Largest difference of the
two, in electron/s, and peak memory in the end.
"""

import resource
import time
from pathlib import Path

import numpy as np
from astropy.io import fits
from harness import read_arguments, scratch
from scipy.ndimage import maximum_filter

from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.persistence.measure import (
    PersistenceTask,
    Predecessor,
    measure_persistence,
)
from hstql_assets.monitors.persistence.settings import load_settings
from hstql_resources.filesystem import Filesystem

MJD, EXPOSURE_S, SPACING_S = 59000.0, 400.0, 1200.0
STARS, SKY_RATE = 300, 1.0


def main() -> None:
    wanted = read_arguments(__doc__, before=40, size=1014)
    with scratch() as folder:
        paths = [write(folder, number, wanted.size) for number in range(wanted.before + 1)]
        start, cpu = time.perf_counter(), time.process_time()
        found = measure(folder, paths)
        own_s, own_cpu_s = time.perf_counter() - start, time.process_time() - cpu
        own_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start, cpu = time.perf_counter(), time.process_time()
        plain = measure_plainly(folder, paths)
        plain_s, plain_cpu_s = time.perf_counter() - start, time.process_time() - cpu
        size_mb = found.stat().st_size / 1e6
        difference = float(np.abs(fits.getdata(found, "PERSIST") - plain).max())
    print(f"hstql        {own_s:6.2f} s, {own_cpu_s:6.2f} s of CPU, {own_mb:.0f} MB")
    print(f"plain numpy  {plain_s:6.2f} s, {plain_cpu_s:6.2f} s of CPU")
    print(f"largest difference {difference:.1e} electron/s; file {size_mb:.1f} MB")


def write(folder: Path, number: int, size: int) -> Path:
    """Write an flt with errors and flags, so many exposures after the first."""
    random = np.random.default_rng(number)
    rates = random.normal(SKY_RATE, 0.05, (size, size)).astype(np.float32)
    for row, column in random.integers(8, size - 8, (STARS, 2)):
        y, x = np.ogrid[-8:9, -8:9]
        light = 10 ** random.uniform(1.0, 3.5) * np.exp(-(x**2 + y**2) / 4.0)
        rates[row - 8 : row + 9, column - 8 : column + 9] += light[
            : size - row + 8, : size - column + 8
        ]
    start_mjd = MJD + number * SPACING_S / 86400.0
    primary = {
        "INSTRUME": "WFC3", "DETECTOR": "IR", "EXPTIME": EXPOSURE_S, "EXPSTART": start_mjd,
        "EXPEND": start_mjd + EXPOSURE_S / 86400.0,
    }  # fmt: skip
    unit = fits.Header({"BUNIT": "ELECTRONS/S"})
    hdus = [
        fits.PrimaryHDU(header=fits.Header(primary)),
        fits.ImageHDU(rates, unit, name="SCI"),
        fits.ImageHDU(np.sqrt(np.abs(rates)), unit, name="ERR"),
        fits.ImageHDU(np.where(rates > 300.0, 256, 0).astype(np.int16), name="DQ"),
    ]
    path = folder / f"iabc{number:02d}a1q_flt.fits"
    fits.HDUList(hdus).writeto(path)
    return path


def measure(folder: Path, paths: list[Path]) -> Path:
    """Return the file that hstql makes of the last from all others."""
    files = [InputFile(path.name, "flt", path) for path in paths]
    before = tuple(Predecessor(file.filename[:9], {"flt": file}) for file in files[:-1])
    task = PersistenceTask(
        files[-1].filename[:9], {"flt": files[-1]}, before, load_settings(), None, None,
        Filesystem(folder), "",
    )  # fmt: skip
    (row,) = measure_persistence(task).rows["persistence"]
    return Path(str(row["path"]))


def measure_plainly(folder: Path, paths: list[Path]) -> np.ndarray:
    """Return the persistence of the last from all others, and write three images."""
    model = load_settings().fermi
    image, header = fits.getdata(paths[-1], "SCI"), fits.getheader(paths[-1])
    middle_mjd = (header["EXPSTART"] + header["EXPEND"]) / 2.0
    largest = np.zeros(image.shape)
    for path in paths[:-1]:
        with fits.open(path) as hdus:
            charge = hdus["SCI"].data.astype(float) * hdus[0].header["EXPTIME"]
            saturated = (hdus["DQ"].data & 256) > 0
            delay_s = (middle_mjd - hdus[0].header["EXPEND"]) * 86400.0
        charge[saturated] = np.maximum(maximum_filter(charge, 3)[saturated], 70_000.0)
        step = 1.0 / (np.exp((model.fermi_e - charge) / model.width_e) + 1.0)
        rise = (np.maximum(charge, 1e-10) / model.fermi_e) ** model.alpha
        decay = model.norm_e_per_s * (delay_s / 1000.0) ** -model.gamma
        largest = np.maximum(largest, decay * step * rise)
    images = (image - largest, largest, (largest > 0.01).astype(np.int16))
    hdus = [fits.PrimaryHDU(), *(fits.ImageHDU(one) for one in images)]
    fits.HDUList(hdus).writeto(folder / "plain.fits")
    return largest


if __name__ == "__main__":
    main()

"""Builders of windows of darks with known truth: dark current, hot pixels, cosmic rays, flash."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from builders.camera_files import write_camera_file
from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.framework.exposure_sets import SetTask
from hstql_assets.monitors.superdarks.selection import window_of
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References

KEY = "superdarks_uvis_2018-05-24"  # the sixth window after the anneal of 2018-05-19
FIRST_MJD = 58262.1
READ_NOISE_E, FLASH_E, EXPOSURE_S = 3.1, 12.0, 900.0
ROWS, COLUMNS = 120, 160
PRIMARY: dict[str, object] = {
    "TELESCOP": "HST", "INSTRUME": "WFC3", "DETECTOR": "UVIS", "IMAGETYP": "DARK",
    "TARGNAME": "DARK", "EXPTIME": EXPOSURE_S, "DARKTIME": 903.0, "EXPFLAG": "NORMAL",
    "SUBARRAY": False, "SHUTRPOS": "A", "CCDAMP": "ABCD", "CCDGAIN": 1.5, "FLASHLVL": FLASH_E,
    "FLSHFILE": "iref$flash_a.fits", "FLSHCORR": "COMPLETE", "BLEVCORR": "COMPLETE",
    "BIASCORR": "COMPLETE", "DARKCORR": "OMIT", "FLATCORR": "OMIT",
    **{f"READNSE{name}": READ_NOISE_E for name in "ABCD"},
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class DarkTruth:
    """What both chips of a window really have, shape (2, rows, columns).

    `rates` in electrons/s, `is_hot`; which pixels are dead, and what some add in a part of the
    darks, `duty`, electrons/s.
    """

    rates: NDArray[np.float64]
    is_hot: NDArray[np.bool_]
    is_dead: NDArray[np.bool_] | None = None
    flicker: NDArray[np.float64] | None = None
    duty: float = 0.5


def make_truth(seed: int = 1, shape: tuple[int, int] = (ROWS, COLUMNS)) -> DarkTruth:
    """Make a dark current that falls across the chip, and hot pixels of 0.03 to 30 electrons/s."""
    rng = np.random.default_rng(seed)
    rates = np.broadcast_to(np.linspace(0.001, 0.004, shape[1]), (2, *shape)).copy()
    is_hot = rng.random(rates.shape) < 0.02
    rates[is_hot] = 0.03 * 1000.0 ** rng.random(int(is_hot.sum()))
    return DarkTruth(rates, is_hot)


def expose(truth: DarkTruth, rng: np.random.Generator, rays: float = 0.03) -> NDArray[np.float32]:
    """Expose both chips to dark, flash and cosmic rays, and take the flash off, electrons."""
    rates = truth.rates
    if truth.flicker is not None:
        rates = rates + truth.flicker * (rng.random(rates.shape) < truth.duty)
    light = rates * EXPOSURE_S + FLASH_E
    if truth.is_dead is not None:
        light = np.where(truth.is_dead, 0.0, light)
    charge = rng.poisson(light).astype(np.float64) - FLASH_E
    charge += rng.normal(0.0, READ_NOISE_E, charge.shape)
    hits = rng.random(charge.shape) < rays / 2.0
    sizes = 1500.0 * np.exp(rng.standard_normal(charge.shape))
    charge += hits * sizes
    charge[:, :, 1:] += (hits * sizes * 0.2)[:, :, :-1]  # each leaves some beside it
    return charge.astype(np.float32)


def write_darks(
    folder: Path,
    number: int,
    truth: DarkTruth,
    *,
    seed: int = 2,
    changes: dict[int, dict[str, object]] | None = None,
    filetype: str = "flt",
    first_mjd: float = FIRST_MJD,
    name: str = "id01",
    flags: NDArray[np.int16] | None = None,
) -> dict[str, tuple[InputFile, ...]]:
    """Write darks, some of them with other header cards, and return their files by rootname."""
    rng = np.random.default_rng(seed)
    files: dict[str, tuple[InputFile, ...]] = {}
    for index in range(number):
        rootname = f"{name}{index:04d}q"
        charge = expose(truth, rng)
        cards = (changes or {}).get(index, {})
        start = first_mjd + 0.15 * index
        files[rootname] = (write_frame(folder, rootname, charge, start, flags, cards, filetype),)
    return files


def write_frame(
    folder: Path,
    rootname: str,
    charge: NDArray[np.float32],
    start_mjd: float,
    flags: NDArray[np.int16] | None = None,
    cards: Mapping[str, object] = MappingProxyType({}),
    filetype: str = "flt",
) -> InputFile:
    """Write a dark of two chips, shape (2, rows, columns), electrons."""
    quality = np.zeros(charge.shape, np.int16) if flags is None else flags
    primary = {**PRIMARY, "ROOTNAME": rootname, "EXPSTART": start_mjd, **cards}
    chips: Any = [
        (charge[chip], quality[chip], {"CCDCHIP": 2 - chip, "BUNIT": "ELECTRONS"})
        for chip in (0, 1)
    ]
    return write_camera_file(folder, f"{rootname}_{filetype}.fits", primary, chips)


def make_task(
    home: Path, files: dict[str, tuple[InputFile, ...]], key: str = KEY
) -> SetTask:  # fmt: skip
    """Make the task of a window whose products go under a folder."""
    references = References(cast("Any", None), Filesystem(home))
    return SetTask(key, key.split("_")[1].upper(), window_of(key), files, "digest", references)


def open_superdark(row: dict[str, Any]) -> fits.HDUList:
    """Open the reference file of a row, all of it."""
    return fits.open(row["path"], memmap=False)

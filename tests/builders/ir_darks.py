"""Builders of windows of infrared darks with telegraph pixels, hot pixels and hits; and tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.framework.exposure_sets import SetTask
from hstql_assets.monitors.unstable_pixels.selection import UnstableSelection, selection_of
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References

KEY = "unstable_pixels_ir_2017-01"
SIDE = 202  # of the light of a frame that is binned 5 x 5
ERROR = 0.012  # of a rate of a dark of 2800 s, electrons/s
PRIMARY: Mapping[str, object] = MappingProxyType({
    "TELESCOP": "HST", "INSTRUME": "WFC3", "DETECTOR": "IR", "IMAGETYP": "DARK",
    "TARGNAME": "DARK", "EXPTIME": 2802.933, "EXPFLAG": "NORMAL", "SUBARRAY": False,
    "SAMP_SEQ": "SPARS200", "NSAMP": 16, "CCDAMP": "ABCD", "CCDGAIN": 2.5, "SAA_TIME": 5000,
    "DARKCORR": "OMIT", "FLATCORR": "OMIT",
})  # fmt: skip


@dataclass(frozen=True, eq=False)
class IrTruth:
    """Dark current, and how far and how often pixels are off; shape (rows, columns) [electron/s].

    `step` is 0 of those that are steady; `busy` is the share of the time that one is off.
    """

    rates: NDArray[np.float64]
    step: NDArray[np.float64]
    busy: NDArray[np.float64]

    @property
    def is_telegraph(self) -> NDArray[np.bool_]:
        return self.step > 0.0


def make_truth(seed: int = 1, share: float = 0.015, step: float | None = None) -> IrTruth:
    """Make a dark current with 0.3 % hot pixels, and telegraphs of 0.1 to 3 electrons/s."""
    rng = np.random.default_rng(seed)
    shape = (SIDE, SIDE)
    rates = rng.normal(0.048, 0.01, shape)
    is_hot = rng.random(shape) < 0.003
    rates[is_hot] = 0.4 * 50.0 ** rng.random(int(is_hot.sum()))
    sizes = 0.1 * 30.0 ** rng.random(shape) if step is None else np.full(shape, step)
    is_telegraph = (rng.random(shape) < share) & ~is_hot
    return IrTruth(rates, np.where(is_telegraph, sizes, 0.0), rng.uniform(0.2, 0.8, shape))


def expose(truth: IrTruth, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return rates and errors of a dark; its level is off, and 0.1 % of its pixels keep a hit."""
    is_off = rng.random(truth.step.shape) < truth.busy
    rates = truth.rates + np.where(is_off, truth.step, 0.0)
    errors = np.sqrt(ERROR**2 + np.maximum(rates, 0.0) / 2802.933)
    seen = rates + rng.normal(0.0, errors) + rng.normal(0.0, 0.01)
    seen += (rng.random(rates.shape) < 0.001) * rng.uniform(0.1, 2.0, rates.shape)
    return seen.astype(np.float32), errors.astype(np.float32)


def write_flt(
    folder: Path,
    rootname: str,
    planes: tuple[NDArray[Any], NDArray[Any]],
    flags: NDArray[Any] | None = None,
    cards: Mapping[str, object] = MappingProxyType({}),
    unit: str = "ELECTRONS/S",
    binning: int = 5,
) -> InputFile:
    """Write rates and errors of a dark as an flt."""
    start = {"ROOTNAME": rootname, "EXPSTART": 57760.0}
    header = fits.Header({**PRIMARY, **start, **cards})
    quality = np.zeros(planes[0].shape, np.int16) if flags is None else flags
    about = {"BINAXIS1": binning, "BINAXIS2": binning, "BUNIT": unit}
    hdus = [fits.PrimaryHDU(header=header)]
    for name, pixels in zip(("SCI", "ERR", "DQ"), (*planes, quality), strict=True):
        hdus.append(fits.ImageHDU(pixels, fits.Header(about), name=name, ver=1))
    name = f"{rootname}_flt.fits"
    fits.HDUList(hdus).writeto(folder / name, overwrite=True)
    return InputFile(name, "flt", folder / name)


def write_darks(
    folder: Path,
    number: int,
    truth: IrTruth,
    *,
    changes: Mapping[int, Mapping[str, object]] = MappingProxyType({}),
    flags: NDArray[Any] | None = None,
    seed: int = 2,
) -> dict[str, tuple[InputFile, ...]]:
    """Write darks, some of them with other header cards, and return their files by rootname."""
    rng = np.random.default_rng(seed)
    files: dict[str, tuple[InputFile, ...]] = {}
    for index in range(number):
        rootname = f"it01{index:04d}q"
        cards = {"EXPSTART": 57760.0 + 2.0 * index, "BINAXIS1": 5, "BINAXIS2": 5,
                 **changes.get(index, {})}  # fmt: skip
        files[rootname] = (write_flt(folder, rootname, expose(truth, rng), flags, cards),)
    return files


def make_task(
    home: Path,
    files: Mapping[str, Sequence[InputFile]],
    selection: UnstableSelection | None = None,
    key: str = KEY,
) -> SetTask:
    """Make the task of a window whose products go under a folder."""
    references = References(cast("Any", None), Filesystem(home))
    own = {name: tuple(some) for name, some in files.items()}
    return SetTask(key, "IR", selection or selection_of(key), own, "digest", references)

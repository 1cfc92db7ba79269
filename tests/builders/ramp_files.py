"""Builder of ramps of the infrared detector: reads as arrays, written as astropy writes them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from astropy.io import fits

from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.framework.monitor import ExposureTask

DARK = {
    "INSTRUME": "WFC3", "DETECTOR": "IR", "IMAGETYP": "DARK", "TARGNAME": "DARK",
    "SAMP_SEQ": "SPARS50", "EXPSTART": 59000.5, "EXPTIME": 500.0, "SUBARRAY": False,
    "CCDAMP": "ABCD", "CCDGAIN": 2.5,
}  # fmt: skip


def write_ramp(
    folder: Path,
    reads: Sequence[np.ndarray],
    times_s: Sequence[float | None],
    filetype: str = "raw",
    primary: dict[str, object] | None = None,
    cards: Sequence[dict[str, object]] = (),
) -> InputFile:
    """Write reads in the order of time; the last one comes first in the file, as in real ones."""
    header = fits.Header({**DARK, "NSAMP": len(reads), **(primary or {})})
    hdus: list[fits.hdu.base.ExtensionHDU] = [fits.PrimaryHDU(header=header)]
    extra = cards or [{}] * len(reads)
    for version, number in enumerate(reversed(range(len(reads))), 1):
        middle = -(1014 - reads[number].shape[0] + 10) / 2  # subarrays lie in the middle
        place = {"LTV1": middle, "LTV2": middle} if middle < 0 else {}
        own = {"SAMPNUM": number, "BUNIT": "COUNTS", **place, **extra[number]}
        if times_s[number] is not None:
            own["SAMPTIME"] = times_s[number]
        hdus.append(fits.ImageHDU(reads[number], fits.Header(own), name="SCI", ver=version))
    name = f"irtst01aq_{filetype}.fits"
    fits.HDUList(hdus).writeto(folder / name, overwrite=True)
    return InputFile(name, filetype, folder / name)


def task(*files: InputFile) -> ExposureTask:
    """The task of an exposure with some files."""
    return ExposureTask("irtst01aq", files, None)  # type: ignore[arg-type]

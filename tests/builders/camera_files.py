"""Builders of camera images with known truth: arrays, headers and files."""

from pathlib import Path

import numpy as np
from astropy.io import fits

from hstql_assets.batching.input_files import InputFile
from hstql_assets.images.detectors import Detector, find_detector
from hstql_assets.images.reading import ScienceImage
from hstql_resources.fits.header import Header


def detector(name: str) -> Detector:
    found = find_detector("wfc3" if name in ("UVIS", "IR") else "acs", name)
    assert found is not None
    return found


def image(
    values: np.ndarray,
    primary: dict[str, object] | None = None,
    extension: dict[str, object] | None = None,
    flags: np.ndarray | None = None,
) -> ScienceImage:
    """An image as it is after reading."""
    header = Header(values={"EXTVER": 1, **(extension or {})})
    return ScienceImage(header, Header(values=primary or {}), values, flags)


def write_camera_file(
    folder: Path,
    filename: str,
    primary: dict[str, object],
    chips: list[tuple[np.ndarray, np.ndarray | None, dict[str, object]]],
) -> InputFile:
    """Write a file of SCI and DQ extensions, one pair for each chip."""
    hdus = [fits.PrimaryHDU(header=fits.Header(primary))]
    for version, (values, flags, cards) in enumerate(chips, 1):
        header = fits.Header(cards)
        hdus.append(fits.ImageHDU(values, header, name="SCI", ver=version))
        if flags is not None:
            hdus.append(fits.ImageHDU(flags.astype(np.int16), name="DQ", ver=version))
    path = folder / filename
    fits.HDUList(hdus).writeto(path)
    return InputFile(filename, filename[10:13], path)

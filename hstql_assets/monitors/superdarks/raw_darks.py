"""Take overscan, bias and post-flash off a raw dark, where no calibrated one is given.

As calwf3 does (hstcal, pkg/wfc3, wf3ccd: doblev, dobias, doflash): the bias image is subtracted
from counts, the flash image is electrons/s and is scaled by FLASHDUR; both are of the size of the
raw image. The level of the overscan is one number for each amplifier, where calwf3 fits a line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from hstql_assets.batching.input_files import InputFile
from hstql_assets.images.detectors import Detector, find_detector
from hstql_assets.images.layout import Layout, lay_out
from hstql_assets.images.reading import ScienceImage, read_images
from hstql_assets.monitors.cameras.amplifier_numbers import HIGHEST_COUNT
from hstql_assets.monitors.cameras.amplifiers import WHOLE, Region, find_regions
from hstql_assets.monitors.cameras.exposure import find_gain
from hstql_assets.monitors.cameras.overscan import measure_overscan
from hstql_assets.monitors.superdarks.frames import SATURATED
from hstql_resources.fits.errors import NothingToMeasureError
from hstql_resources.references import References

Floats = NDArray[np.float32]
# What the headers of the frame say was done, and the keyword of its reference file.
BIAS, FLASH = ("BIASCORR", "BIASFILE"), ("FLSHCORR", "FLSHFILE")


@dataclass(frozen=True)
class _Reference:
    """Images of a reference file by CCDCHIP, and its name."""

    name: str
    images: Mapping[int, ScienceImage]

    def cut(self, chip: int, layout: Layout, shape: tuple[int, int]) -> Floats:
        """Return what belongs to the pixels of an image of a shape that see light."""
        image = self.images.get(chip)
        if image is None or image.values.shape not in (shape, layout.shape):
            found = "no image of the chip" if image is None else f"{image.values.shape} pixels"
            raise NothingToMeasureError(f"needs {self.name}, which has {found}")
        whole = image.values.shape == shape
        light = layout.take_light(image.values) if whole else image.values
        return np.asarray(light, dtype=np.float32)


def subtract_overscan(values: NDArray[Any], region: Region) -> Floats:
    """Return the counts of an amplifier less the level of its overscan.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        The raw image, counts.
    region : Region
        What the amplifier read.

    Raises
    ------
    NothingToMeasureError
        If it has no overscan.
    """
    found = None if region.overscan is None else measure_overscan(region.overscan.cut(values))
    if found is None:
        raise NothingToMeasureError(f"has no overscan of amplifier {region.amplifier}")
    return region.light.cut(values).astype(np.float32) - np.float32(found.level)


def subtract_bias(counts: Floats, bias: Floats) -> Floats:
    """Return counts less a bias image, of one shape."""
    return counts - bias


def subtract_flash(charge: Floats, flash: Floats, flash_s: float) -> Floats:
    """Return electrons less the post-flash.

    Parameters
    ----------
    charge : ndarray, shape (rows, columns)
        Electrons.
    flash : ndarray, same shape
        Electrons/s.
    flash_s : float
        FLASHDUR, s.
    """
    return charge - flash * np.float32(flash_s)


def calibrate_raw(
    raw: InputFile, references: References, gains_e: Mapping[str, float], folder: Path
) -> InputFile:
    """Write a raw dark as a calibrated one whose headers say which steps were done.

    Parameters
    ----------
    raw : InputFile
    references : References
        Finds BIASFILE and FLSHFILE; a step whose file is nowhere is left out.
    gains_e : mapping of str to float
        Electrons per count by amplifier where headers say nothing.
    folder : Path
        Where it is written.

    Raises
    ------
    FitsError, OSError
        If a file cannot be read.
    NothingToMeasureError
        If it has no overscan, or a reference file is not of its size.
    """
    content = read_images(raw.path)
    detector = find_detector(raw.instrument, content.detector)
    if detector is None or not content.images:
        raise NothingToMeasureError("has no image of a chip")
    first = content.images[0]
    flash_s = first.find_number("FLASHDUR", 0.0)
    bias = _find_reference(references, first, detector, BIAS[1])
    flash = _find_reference(references, first, detector, FLASH[1]) if flash_s > 0.0 else None
    with fits.open(raw.path) as hdus:
        primary = hdus[0].header.copy()
        headers = {hdu.ver: hdu.header.copy() for hdu in hdus if hdu.name == "SCI"}
    done = {"BLEVCORR": True, BIAS[0]: bias is not None, FLASH[0]: flash is not None}
    primary.update({step: "COMPLETE" if is_done else "OMIT" for step, is_done in done.items()})
    primary.remove("NEXTEND", ignore_missing=True)
    found: list[Any] = [fits.PrimaryHDU(header=primary)]
    for image in content.images:
        charge, flags = _calibrate_chip(image, detector, bias, flash, gains_e)
        header = headers[image.version]
        for name in ("BZERO", "BSCALE"):
            header.remove(name, ignore_missing=True)
        header["BUNIT"] = "ELECTRONS"
        found.append(fits.ImageHDU(charge, header, name="SCI", ver=image.version))
        found.append(fits.ImageHDU(flags, name="DQ", ver=image.version))
    path = folder / f"{raw.filename.removesuffix('_raw.fits')}_flt.fits"
    fits.HDUList(found).writeto(path)
    return InputFile(raw.filename, "flt", path)


def _calibrate_chip(
    image: ScienceImage,
    detector: Detector,
    bias: _Reference | None,
    flash: _Reference | None,
    gains_e: Mapping[str, float],
) -> tuple[Floats, NDArray[np.int16]]:
    """Return electrons and flags of what sees light, shape (rows, columns)."""
    chip = detector.chip_of(image.chip, image.version)
    shape = image.values.shape[0], image.values.shape[1]
    layout = lay_out(detector, shape, chip, image.binning, image.offset)
    regions = find_regions(detector, layout, chip, str(image.find("CCDAMP") or ""), image.binning)
    counts, gains = np.zeros(shape, np.float32), np.ones(shape, np.float32)
    for region in regions:
        if region.amplifier == WHOLE:
            raise NothingToMeasureError("does not say which amplifier read it")
        region.light.cut(counts)[:] = subtract_overscan(image.values, region)
        gain = find_gain(image, region.amplifier) or gains_e[region.amplifier]
        region.light.cut(gains)[:] = gain
    light = layout.take_light(counts)
    if bias is not None:
        light = subtract_bias(light, bias.cut(chip, layout, shape))
    charge = light * layout.take_light(gains)
    if flash is not None:
        flash_s = image.find_number("FLASHDUR", 0.0)
        charge = subtract_flash(charge, flash.cut(chip, layout, shape), flash_s)
    is_full = layout.take_light(image.values) >= HIGHEST_COUNT
    flags = (is_full * SATURATED).astype(np.int16)
    if image.flags is not None:
        flags |= layout.take_light(image.flags).astype(np.int16)
    return np.asarray(charge, dtype=np.float32), flags


def _find_reference(
    references: References, image: ScienceImage, detector: Detector, keyword: str
) -> _Reference | None:
    name = image.find_text(keyword) or ""
    path = references.find(name)
    if path is None:
        return None
    images = read_images(path).images
    return _Reference(name, {detector.chip_of(one.chip, one.version): one for one in images})

"""Read the exposures of a window as flat images, and tell which of them show no blobs, and why."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.batching.input_files import InputFile
from hstql_assets.images.detectors import find_detector
from hstql_assets.images.layout import lay_out
from hstql_assets.images.reading import ScienceImage, read_images
from hstql_assets.monitors.blobs.combining import flatten, measure_noise
from hstql_assets.monitors.blobs.selection import BlobSelection
from hstql_resources.fits.errors import FitsError, NothingToMeasureError

CALIBRATED = "flt"
INFRARED = "IR"
BLOB = 512  # of DQ: what is looked for
NO_REFERENCE = ("", "N/A", "NONE")
LEAST_SHOWN = 0.5  # of the pixels of a frame


@dataclass(frozen=True, eq=False)
class Frame:
    """An exposure over its background.

    Attributes
    ----------
    rootname : str
    start_mjd : float
    filter_name : str
    binning : int
    ratio : ndarray, shape (rows, columns)
        NaN where a pixel is bad or a source.
    noise : float
        Of a pixel, over the light.
    """

    rootname: str
    start_mjd: float
    filter_name: str
    binning: int
    ratio: NDArray[np.float32]
    noise: float


def read_frame(rootname: str, file: InputFile, selection: BlobSelection) -> Frame:
    """Return an exposure as a flat image.

    Raises
    ------
    NothingToMeasureError
        If it shows no blobs; its reason is a word or two.
    FitsError
        If the file cannot be read.
    """
    content = read_images(file.path)
    if not content.images:
        raise FitsError("has no image")
    image = content.images[0]
    _require_fit(image, selection)
    ratio = _flatten(image)
    shown, noise = float(np.isfinite(ratio).mean()), measure_noise(ratio)
    if noise > selection.most_noise:
        told = f"has noise of {noise:.0%} of its light in a pixel, and {selection.most_noise:.0%}"
        raise NothingToMeasureError(f"{told} is the most", "too faint")
    if shown < LEAST_SHOWN:
        raise NothingToMeasureError(f"shows {shown:.0%} of its pixels without sources", "crowded")
    return Frame(
        rootname,
        image.find_number("EXPSTART", 0.0),
        image.find_text("FILTER") or "",
        image.binning[0],
        ratio,
        noise,
    )


def _require_fit(image: ScienceImage, selection: BlobSelection) -> None:
    band = (image.find_text("FILTER") or "").upper()
    flag = (image.find_text("EXPFLAG") or "NORMAL").upper()
    blob_flat = (image.find_text("DFLTFILE") or "").upper()
    across, up = image.binning
    if image.is_subarray:
        raise NothingToMeasureError("is a subarray", "subarray")
    if across != up or across not in selection.binnings:
        raise NothingToMeasureError(f"is binned {across} x {up}", "binning")
    if band in selection.left_out_filters:
        raise NothingToMeasureError(f"has FILTER {band}", "filter")
    if flag != "NORMAL":
        raise NothingToMeasureError(f"has EXPFLAG {flag}", "exposure flag")
    if (image.find_text("FLATCORR") or "").upper() == "COMPLETE" and blob_flat not in NO_REFERENCE:
        raise NothingToMeasureError(f"was divided by {blob_flat.lower()}", "blobs corrected")


def _flatten(image: ScienceImage) -> NDArray[np.float32]:
    """Return what sees light over its background; a flag for blobs makes no pixel bad."""
    detector = find_detector("wfc3", INFRARED)
    if detector is None:
        raise AssertionError(INFRARED)
    shape = image.values.shape[0], image.values.shape[1]
    layout = lay_out(detector, shape, detector.chips[0], image.binning, image.offset)
    values = layout.take_light(image.values).astype(np.float32)
    flags = np.zeros(values.shape, int) if image.flags is None else layout.take_light(image.flags)
    return flatten(values, (flags & ~BLOB) != 0)

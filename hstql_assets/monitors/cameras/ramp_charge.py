"""Turn the reads of a ramp into the charge that its pixels held."""

import numpy as np
from numpy.typing import NDArray

from hstql_assets.images.detectors import Detector
from hstql_assets.images.layout import Layout, lay_out
from hstql_assets.images.ramps import Ramp
from hstql_assets.images.reading import ScienceImage
from hstql_assets.monitors.cameras.amplifiers import find_regions
from hstql_assets.monitors.cameras.exposure import find_gain

# Electrons per count where headers say nothing: WFC3 Data Handbook 7.2.
GAINS_E = {"A": 2.28, "B": 2.221, "C": 2.24, "D": 2.265}


def find_gains(image: ScienceImage, detector: Detector, layout: Layout) -> NDArray[np.float32]:
    """Return electrons per count of each pixel, by its amplifier; 1 in the border.

    Parameters
    ----------
    image : ScienceImage
        Of shape (rows, columns), which is that of what is returned.
    detector : Detector
        The infrared one.
    layout : Layout
        Of the image.
    """
    gains = np.ones(image.values.shape, np.float32)
    amplifiers = str(image.find("CCDAMP") or "")
    for region in find_regions(detector, layout, detector.chips[0], amplifiers, image.binning):
        gain = find_gain(image, region.amplifier) or GAINS_E.get(region.amplifier, 2.25)
        region.light.cut(gains)[:] = gain
    return gains


def gather_charge(
    ramp: Ramp, detector: Detector
) -> tuple[list[NDArray[np.float32]], NDArray[np.bool_]]:
    """Return the charge in each read [electron], and which pixels see light; (rows, columns).

    Parameters
    ----------
    ramp : Ramp
        Counts, or electrons, or either per second: an ima is over its time, and its zeroth is 0.
    detector : Detector
        The infrared one.
    """
    first = ramp.reads[0]
    shape = first.values.shape[0], first.values.shape[1]
    layout = lay_out(detector, shape, detector.chips[0], first.binning, first.offset)
    sees_light = np.zeros(shape, bool)
    layout.science[0].cut(sees_light)[:] = True
    unit = (ramp.reads[-1].unit or "").upper().replace(" ", "")
    is_charge = unit.startswith("ELECTRON")
    gains = np.float32(1.0) if is_charge else find_gains(first, detector, layout)
    charge = [
        read.values.astype(np.float32) * gains * np.float32(time_s if unit.endswith("/S") else 1.0)
        for read, time_s in zip(ramp.reads, ramp.times_s, strict=True)
    ]
    return charge, sees_light

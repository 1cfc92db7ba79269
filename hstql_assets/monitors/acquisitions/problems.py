"""List acquisitions that went wrong, or had far to go."""

from dataclasses import dataclass

import numpy as np

from hstql_assets.monitors.acquisitions.history import Acquisitions, Flags

LONGEST_IMAGE_SLEW_ARCSEC = 2.0
LONGEST_PEAK_SLEW_ARCSEC = 1.0  # about the radius of the aperture, 1.25 arcsec
# ACQ/SEARCH looks for targets several arcsec away; its slews are no measure.
LONGEST_SLEWS = {
    "ACQ/IMAGE": LONGEST_IMAGE_SLEW_ARCSEC,
    "ACQ/PEAKXD": LONGEST_PEAK_SLEW_ARCSEC,
    "ACQ/PEAKD": LONGEST_PEAK_SLEW_ARCSEC,
}


@dataclass(frozen=True, eq=False)
class Problems:
    """What is wrong with each acquisition; arrays of shape (n,).

    Attributes
    ----------
    is_far : ndarray of bool
        The slew is as long as the limit of its kind, or longer.
    is_failed : ndarray of bool
        ACQSTAT is Failure.
    is_closed : ndarray of bool
        SHUTTER is Closed.
    """

    is_far: Flags
    is_failed: Flags
    is_closed: Flags

    @property
    def any(self) -> Flags:
        """Whether there is anything."""
        return self.is_far | self.is_failed | self.is_closed

    def describe(self, index: int) -> str:
        """Return what is wrong with one of them, in words."""
        words = {
            "far": self.is_far[index],
            "failed": self.is_failed[index],
            "shutter closed": self.is_closed[index],
        }
        return ", ".join(word for word, applies in words.items() if applies)


def find_problems(acquisitions: Acquisitions) -> Problems:
    """Look for acquisitions that went wrong, or had far to go."""
    longest = np.array(
        [LONGEST_SLEWS.get(kind, np.inf) for kind in acquisitions.exposure_type], np.float64
    )
    is_far: Flags = acquisitions.slew_arcsec >= longest
    return Problems(
        is_far,
        np.asarray(acquisitions.status == "Failure", np.bool_),
        np.asarray(acquisitions.shutter == "Closed", np.bool_),
    )

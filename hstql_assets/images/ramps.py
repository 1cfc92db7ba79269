"""Read all reads of an exposure of the infrared detector, in the order of time."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hstql_assets.images.exposure_flag import tell_flag
from hstql_assets.images.reading import ScienceImage, read_images
from hstql_resources.fits.errors import NothingToMeasureError
from hstql_resources.fits.header_values import finite

INFRARED = "IR"
RAW, CALIBRATED = "raw", "ima"


@dataclass(frozen=True, eq=False)
class Ramp:
    """The reads of an exposure, the zeroth first.

    Attributes
    ----------
    reads : tuple of ScienceImage
        All of one shape, the reference pixels included.
    times_s : tuple of float
        SAMPTIME, time since the zeroth read [s], ascending.
    missing : int
        How many reads NSAMP says that are not there.
    """

    reads: tuple[ScienceImage, ...]
    times_s: tuple[float, ...]
    missing: int = 0

    def tell(self, filename: str) -> tuple[str, ...]:
        """Return remarks: reads that are not there, and an exposure time that is not sure."""
        missing = (f"{filename} lacks {self.missing} of its reads.",) if self.missing else ()
        return missing + tell_flag(self.reads[0].find("EXPFLAG"))

    def describe(self) -> dict[str, object]:
        """Return the columns of tables that say of what exposure it is."""
        first = self.reads[0]
        return {
            "image_type": (first.find_text("IMAGETYP") or "").upper() or None,
            "exp_start_mjd": finite(first.find_number("EXPSTART", float("nan"))),
            "sample_sequence": first.find_text("SAMP_SEQ"),
            "binning": first.binning[0],
        }


def read_ramp(path: Path) -> Ramp:
    """Read the ramp of a raw or ima file.

    Which read is which says SAMPTIME: files have the last read first, but need not.

    Raises
    ------
    NothingToMeasureError
        If there is one read only, or the reads have no times of their own, or not one shape.
    FitsError
        If the file cannot be read.
    """
    content = read_images(path)
    if content.detector != INFRARED:
        raise NothingToMeasureError(f"is of {content.detector or 'no detector'}", "Not infrared")
    times = [finite(image.header.values.get("SAMPTIME")) for image in content.images]
    if len(times) < 2:
        raise NothingToMeasureError(
            f"has {len(times)} read{'s' * (not times)}, and a step is the difference of two",
            "One read",
        )
    known = [time_s for time_s in times if time_s is not None]
    if len(set(known)) < len(times):
        raise NothingToMeasureError("has reads without a SAMPTIME of their own", "No times")
    if len({image.values.shape for image in content.images}) > 1:
        raise NothingToMeasureError("has reads of different sizes", "Unlike reads")
    order = np.argsort(known)
    planned = finite(content.primary.values.get("NSAMP")) or 0.0
    return Ramp(
        tuple(content.images[place] for place in order),
        tuple(known[place] for place in order),
        max(int(planned) - len(times), 0),
    )

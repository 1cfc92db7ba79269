"""Read which exposures show blobs, and what counts as one, from the table blobs.toml."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from pydantic.dataclasses import dataclass

from hstql_assets.monitors.framework.selection import FORBID, ExposureSelection
from hstql_assets.monitors.framework.selection import load_selections as load_table
from hstql_resources.times import datetime_to_mjd

ASSET = "blobs"
FIRST_MJD = 54983  # 1 June 2009, on which the first window begins


@dataclass(frozen=True, config=FORBID)
class KnownNumber:
    """How many blobs were published up to a date."""

    mjd: float
    blobs: int


@dataclass(frozen=True, config=FORBID, kw_only=True)
class BlobSelection(ExposureSelection):
    """Which exposures of a detector show blobs, and what counts as one; lengths in its pixels.

    Attributes
    ----------
    flat_targets : tuple of str
        TARGNAME of those that are not IMAGETYP EXT.
    left_out_filters : tuple of str
        FILTER, upper case.
    binnings : tuple of int
        BINAXIS1, equal to BINAXIS2.
    window_days : int
        What is made one image of [d].
    most_noise : float
        Of a pixel of a frame, over its light.
    least_frames, most_frames : int
        Of a window.
    threshold : float
        Standard deviations of the smoothed image.
    least_depth : float
        Share of the light.
    radii : tuple of float
        What the image is smoothed with: half widths at half depth.
    lowest_radius, highest_radius : float
        Between which a blob is.
    injected : int
        How many made ones are put in.
    least_found, most_false : float, int
        Share of these that has to be found, and how many false ones may be.
    known : tuple of KnownNumber
        What was published.
    """

    flat_targets: tuple[str, ...]
    left_out_filters: tuple[str, ...]
    binnings: tuple[int, ...]
    window_days: int
    most_noise: float
    least_frames: int
    most_frames: int
    threshold: float
    least_depth: float
    radii: tuple[float, ...]
    lowest_radius: float
    highest_radius: float
    injected: int
    least_found: float
    most_false: int
    known: tuple[KnownNumber, ...]


@cache
def load_selections() -> Mapping[str, BlobSelection]:
    """Return the selection of each detector by its name."""
    return load_table(BlobSelection, __package__, "blobs.toml")


def find_start(key: str) -> float:
    """Return on which day the window of a key begins [MJD]: blobs_ir_2010-06-26."""
    day = datetime.fromisoformat(f"{key.rpartition('_')[2]}T00:00:00+00:00")
    return float(datetime_to_mjd(day))

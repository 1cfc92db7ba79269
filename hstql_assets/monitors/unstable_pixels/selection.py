"""Read which darks tell the unstable pixels, from the table unstable.toml beside this."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from hstql_assets.monitors.framework.exposure_sets import detector_of
from hstql_assets.monitors.framework.selection import FORBID, ExposureSelection, load_selections

ASSET = "unstable_pixels"
TABLE = "unstable.toml"
Months = Literal[1, 2, 3, 4, 6, 12]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


@dataclass(frozen=True, config=FORBID, kw_only=True)
class UnstableSelection(ExposureSelection):
    """Which darks of a detector are compared, and when a pixel is unstable.

    Attributes
    ----------
    excluded : tuple of str
        Rootnames that are left out.
    exposure_flags : tuple of str
        EXPFLAG.
    binnings : tuple of int
        BINAXIS1, equal to BINAXIS2.
    window_months : int
        Length of a window; they begin in January.
    least_exposure_s, least_reads : float, int
        EXPTIME [s] and NSAMP of a dark.
    least_saa_s : float
        Since the telescope left the South Atlantic Anomaly [s]; 0 asks for nothing.
    least_frames : int
        Darks of a map, and of a pixel to be judged.
    least_off_frames, least_share : int, float
        In how many darks, and in which share of them, an unstable pixel is off.
    least_gain : float
        Of the logarithm of the likelihood by the second Gaussian.
    floor_e_per_s, floor_share : float
        Added to the error of a rate in quadrature [electron/s]; the second times the rate.
    lowest_spread_e_per_s : float
        Sigma that the second Gaussian has at least [electron/s].
    read_noise_e : float
        Of one read, where headers do not say it [electron].
    """

    excluded: tuple[str, ...]
    exposure_flags: tuple[str, ...]
    binnings: tuple[int, ...]
    window_months: Months
    least_exposure_s: float
    least_reads: int
    least_saa_s: float
    least_frames: Annotated[int, Field(ge=3)]
    least_off_frames: int
    least_share: Share
    least_gain: float
    floor_e_per_s: float
    floor_share: Share
    lowest_spread_e_per_s: Annotated[float, Field(gt=0.0)]
    read_noise_e: float


@cache
def load_unstable() -> Mapping[str, UnstableSelection]:
    """Return the selection of each detector by its name."""
    return load_selections(UnstableSelection, __package__, TABLE)


def selection_of(key: str) -> UnstableSelection:
    """Return the selection of a key, such as unstable_pixels_ir_2017-01."""
    return load_unstable()[detector_of(ASSET, key)]

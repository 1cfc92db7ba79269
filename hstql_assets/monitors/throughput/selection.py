"""Read which exposures and stars are measured, from the two tables beside this."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from pydantic.dataclasses import dataclass

from hstql_assets.monitors.framework.selection import (
    FORBID,
    ExposureSelection,
    load_selections,
)

TABLE, STARS = "throughput.toml", "standard_stars.toml"


@dataclass(frozen=True, config=FORBID, kw_only=True)
class StandardStar:
    """A star whose light is constant.

    Attributes
    ----------
    names : tuple of str
        TARGNAME, upper case.
    ra_deg, dec_deg : float
        ICRS at epoch 2000.0.
    pm_ra_mas, pm_dec_mas : float
        Proper motion on the sky [milliarcsec/year].
    """

    names: tuple[str, ...]
    ra_deg: float
    dec_deg: float
    pm_ra_mas: float
    pm_dec_mas: float


@dataclass(frozen=True, config=FORBID, kw_only=True)
class ThroughputSelection(ExposureSelection):
    """Which exposures of a detector are measured, how, and what is allowed.

    Attributes
    ----------
    exposure_flags : tuple of str
        EXPFLAG.
    aperture_px, sky_inner_px, sky_outer_px, core_px : float
        Radii [pixel].
    search_arcsec : float
        Radius.
    highest_peak, second_star, least_sky : float
        Shares of the light in the aperture, of the star, of the annulus.
    read_noise_e : float
        Where headers do not say [electron].
    lowest_slope, highest_slope : float
        Percent a year.
    tolerance : float
        Percent.
    """

    exposure_flags: tuple[str, ...]
    aperture_px: float
    sky_inner_px: float
    sky_outer_px: float
    search_arcsec: float
    core_px: float
    highest_peak: float
    second_star: float
    least_sky: float
    read_noise_e: float
    lowest_slope: float
    highest_slope: float
    tolerance: float


@cache
def load_stars() -> Mapping[str, StandardStar]:
    """Return the stars by their names in CALSPEC."""
    return load_selections(StandardStar, __package__, STARS)


@cache
def load_throughput() -> Mapping[str, ThroughputSelection]:
    """Return the selection by detector; targets are the names of all stars."""
    targets = tuple(name for star in load_stars().values() for name in star.names)
    found = load_selections(ThroughputSelection, __package__, TABLE)
    return {name: replace(one, target_names=targets) for name, one in found.items()}


def find_star(target: str) -> tuple[str, StandardStar] | None:
    """Return a star and its name in CALSPEC by what TARGNAME calls it; None if there is none."""
    wanted = target.strip().upper()
    return next(((name, one) for name, one in load_stars().items() if wanted in one.names), None)

"""Read which ramps are searched for snowballs, from snowballs.toml beside this."""

from collections.abc import Mapping
from functools import cache

from pydantic.dataclasses import dataclass

from hstql_assets.monitors.framework.selection import (
    FORBID,
    ExposureSelection,
    load_selections,
)

TABLE = "snowballs.toml"


@dataclass(frozen=True, config=FORBID, kw_only=True)
class SnowballSelection(ExposureSelection):
    """Which ramps are searched, and what makes an event a snowball.

    Attributes
    ----------
    threshold_e : float
        Of a pixel of an event [electron].
    fewest_pixels, most_pixels : int
        Sizes of snowballs.
    least_e : float
        Charge [electron].
    least_roundness, least_filling : float
        See `events.Snowball`.
    injected : int
        How many are put into each exposure to see how many are found.
    """

    threshold_e: float
    fewest_pixels: int
    most_pixels: int
    least_e: float
    least_roundness: float
    least_filling: float
    injected: int


@cache
def load_snowballs() -> Mapping[str, SnowballSelection]:
    """Return the selection by detector."""
    return load_selections(SnowballSelection, __package__, TABLE)

"""Read which flats are taken for the extended pixel edge response, from eper.toml beside this."""

from collections.abc import Mapping
from functools import cache

from pydantic.dataclasses import dataclass

from hstql_assets.monitors.framework.selection import (
    FORBID,
    ExposureSelection,
    load_selections,
)

TABLE = "eper.toml"


@dataclass(frozen=True, config=FORBID, kw_only=True)
class EperSelection(ExposureSelection):
    """Which flats of a detector are measured, how, and what is published.

    Attributes
    ----------
    fewest_rows : int
        Overscan that is needed [detector rows].
    trail_share : float
        Of the overscan, that the trail is summed over.
    lowest_e, highest_e : float
        Signals that are used [electron].
    gains_e : mapping of str to float
        Electrons per count by amplifier where headers say nothing.
    signal_e : float
        At which the inefficiency is told [electron].
    growth_per_year, power : float
        What is published: growth at that signal, and how it goes with the signal.
    tolerance : float
        How far the latest inefficiency may be off the model, as a fraction of it.
    """

    fewest_rows: int
    trail_share: float
    lowest_e: float
    highest_e: float
    gains_e: Mapping[str, float]
    signal_e: float
    growth_per_year: float
    power: float
    tolerance: float


@cache
def load_eper() -> Mapping[str, EperSelection]:
    """Return the selection by detector."""
    return load_selections(EperSelection, __package__, TABLE)

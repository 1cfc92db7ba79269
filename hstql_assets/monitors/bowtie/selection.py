"""Read which exposures are flats for the bowtie, from the table bowtie.toml beside this."""

from collections.abc import Mapping
from functools import cache

from pydantic.dataclasses import dataclass

from hstql_assets.monitors.framework.selection import FORBID, ExposureSelection
from hstql_assets.monitors.framework.selection import load_selections as load_table

ASSET = "bowtie"


@dataclass(frozen=True, config=FORBID, kw_only=True)
class BowtieSelection(ExposureSelection):
    """Which exposures of a detector are flats, and what is made of them.

    Attributes
    ----------
    binnings : tuple of int
        BINAXIS1, equal to BINAXIS2.
    full_counts : float
        From where on a pixel counts as saturated, above the bias.
    least_counts : float
        Median that a flat needs.
    highest_pattern, highest_offset : float
        Of the newest visit: standard deviation of the pattern, and how far the ratio is from 1.
    """

    binnings: tuple[int, ...]
    full_counts: float
    least_counts: float
    highest_pattern: float
    highest_offset: float


@cache
def load_selections() -> Mapping[str, BowtieSelection]:
    """Return the selection of each detector by its name."""
    return load_table(BowtieSelection, __package__, "bowtie.toml")

"""Read which exposures are flats for the gain, from the table flats.toml beside this."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

ASSET = "flat_gains"


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class FlatSelection:
    """Which exposures of a detector are flats, and what is made of them.

    Attributes
    ----------
    instrument : str
        Such as wfc3.
    image_types, target_names : tuple of str
        IMAGETYP and TARGNAME, upper case; an exposure has one of each.
    proposals : tuple of int
        PROPOSID; empty for all.
    binnings : tuple of int
        BINAXIS1, equal to BINAXIS2.
    most_days_apart : float
        Of the two flats of a pair, d.
    highest_e : float
        Brightest mean in the fit, electrons.
    tolerance : float
        How far the latest gain may be from what is expected, as a fraction.
    expected_e : mapping of str to float
        Electrons per count by amplifier.
    """

    instrument: str
    image_types: tuple[str, ...]
    target_names: tuple[str, ...]
    proposals: tuple[int, ...]
    binnings: tuple[int, ...]
    most_days_apart: float
    highest_e: float
    tolerance: float
    expected_e: Mapping[str, float]


@cache
def load_selections() -> Mapping[str, FlatSelection]:
    """Return the selection of each detector by its name.

    Raises
    ------
    pydantic.ValidationError
        If the table has another column, or a value of another kind.
    """
    return read_selections(files(__package__).joinpath("flats.toml").read_text("utf-8"))


def read_selections(text: str) -> Mapping[str, FlatSelection]:
    """Return the selections that a text in TOML has, as `load_selections` does."""
    return TypeAdapter(dict[str, FlatSelection]).validate_python(tomllib.loads(text))

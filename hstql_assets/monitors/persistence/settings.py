"""Read which exposures leave persistence, and by which law, from stimuli.toml beside this."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from hstql_assets.monitors.persistence.models import FermiModel


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class StimulusSettings:
    """Which exposures count, and what they leave.

    Attributes
    ----------
    instrument, detector : str
        Whose exposures they are.
    hours : float
        How long before the start of an exposure another one may have begun, h.
    shortest_s : float
        Exposure time below which one leaves nothing, s.
    saturation_e : float
        What bad actors are told by, electrons.
    gain_e : float
        Electrons per count where headers give no gain.
    model : str
        fermi or table.
    table, spatial_map : str
        Reference files as headers name them; empty for none.
    most_external : float
        The share of pixels that may have more than 0.03 electron/s from other visits.
    fermi : FermiModel
        The numbers of that model.
    """

    instrument: str
    detector: str
    hours: float
    shortest_s: float
    saturation_e: float
    gain_e: float
    model: Literal["fermi", "table"]
    table: str
    spatial_map: str
    most_external: float
    fermi: FermiModel


@cache
def load_settings() -> StimulusSettings:
    """Return what stimuli.toml says.

    Raises
    ------
    pydantic.ValidationError
        If it has another name, or a value of another kind.
    """
    return read_settings(files(__package__).joinpath("stimuli.toml").read_text("utf-8"))


def read_settings(text: str) -> StimulusSettings:
    """Return the settings that a text in TOML has, as `load_settings` does."""
    return TypeAdapter(StimulusSettings).validate_python(tomllib.loads(text))

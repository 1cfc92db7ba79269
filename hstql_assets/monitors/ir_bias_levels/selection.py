"""Read which exposures have their reference pixels measured, from ir_bias.toml beside this."""

from collections.abc import Mapping
from functools import cache

from pydantic.dataclasses import dataclass

from hstql_assets.images.ramps import INFRARED
from hstql_assets.monitors.framework.selection import (
    FORBID,
    ExposureSelection,
    load_selections,
)

TABLE = "ir_bias.toml"


@dataclass(frozen=True, config=FORBID, kw_only=True)
class RampSelection(ExposureSelection):
    """Which ramps are measured, and what is no step.

    Attributes
    ----------
    smallest_step : float
        Rise between two reads that is always allowed [counts].
    """

    smallest_step: float


@cache
def load_ramps() -> Mapping[str, RampSelection]:
    """Return the selection by detector."""
    return load_selections(RampSelection, __package__, TABLE)


def smallest_step() -> float:
    """Return the step that is always allowed [counts]; 0 if the table has no infrared detector."""
    selection = load_ramps().get(INFRARED)
    return selection.smallest_step if selection else 0.0

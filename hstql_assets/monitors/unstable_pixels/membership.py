"""Say which exposures are darks of a ramp, and which window of months each is in."""

from sqlalchemy import Date, Integer, Select, and_, cast, func, select, union_all

from hstql_assets.batching.decisions import any_of
from hstql_assets.monitors.framework.exposure_sets import ExposureSets
from hstql_assets.monitors.superdarks.membership import MJD_ZERO
from hstql_assets.monitors.unstable_pixels.selection import (
    ASSET,
    UnstableSelection,
    load_unstable,
    selection_of,
)
from hstql_resources import tables


def select_darks() -> Select[str, str]:
    """Return the query for all darks, each with the key of its window: its first month."""
    every = union_all(*(_select_of(*one) for one in load_unstable().items())).subquery()
    return select(every.c.key, every.c.rootname)


def _select_of(detector: str, selection: UnstableSelection) -> Select[str, str]:
    observation = tables.Observation
    day = cast(MJD_ZERO, Date) + cast(func.floor(observation.exp_start_mjd), Integer)
    month, length = cast(func.extract("month", day), Integer), selection.window_months
    first = func.to_char((month - 1) // length * length + 1, "FM00")
    key = func.concat(f"{ASSET}_{detector.lower()}_", func.to_char(day, "YYYY"), "-", first)
    conditions = [
        observation.instrument == selection.instrument,
        observation.detector == detector,
        func.upper(observation.image_type) == any_of(selection.image_types),
        observation.exp_start_mjd.is_not(None),
    ]
    if selection.target_names:
        conditions.append(func.upper(observation.target_name) == any_of(selection.target_names))
    if selection.proposals:
        conditions.append(observation.proposal_id.in_(selection.proposals))
    return select(key.label("key"), observation.rootname).where(and_(*conditions))


SETS = ExposureSets(select_darks, selection_of)

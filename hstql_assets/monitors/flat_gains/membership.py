"""Say which exposures are flats, by the selections: a set is those of a proposal and detector."""

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from hstql_assets.batching.decisions import any_of
from hstql_assets.monitors.flat_gains.selection import ASSET, FlatSelection, load_selections
from hstql_assets.monitors.framework.exposure_sets import ExposureSets, detector_of
from hstql_resources import tables


def select_flats() -> Select[str, str]:
    """Return the query for all flats, each with the key of its set: flat_gains_uvis_17672."""
    observation = tables.Observation
    key = func.concat(f"{ASSET}_", func.lower(observation.detector), "_", observation.proposal_id)
    is_any = or_(false(), *(is_flat(name, one) for name, one in load_selections().items()))
    return select(key.label("key"), observation.rootname).where(is_any)


def is_flat(detector: str, selection: FlatSelection) -> ColumnElement[bool]:
    """Return the condition that an observation is a flat of a detector."""
    observation = tables.Observation
    conditions = [
        observation.instrument == selection.instrument,
        observation.detector == detector,
        func.upper(observation.image_type) == any_of(selection.image_types),
        func.upper(observation.target_name) == any_of(selection.target_names),
        observation.proposal_id.is_not(None),
    ]
    if selection.proposals:
        conditions.append(observation.proposal_id.in_(selection.proposals))
    return and_(*conditions)


SETS = ExposureSets(select_flats, lambda key: load_selections()[detector_of(ASSET, key)])

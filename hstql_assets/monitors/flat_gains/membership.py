"""Say which exposures are flats, by the selections: a set is those of a proposal and detector."""

from sqlalchemy import Select, false, func, or_, select

from hstql_assets.monitors.flat_gains.selection import ASSET, load_selections
from hstql_assets.monitors.framework.exposure_sets import ExposureSets, detector_of
from hstql_assets.monitors.framework.membership import is_selected
from hstql_resources import tables


def select_flats() -> Select[str, str]:
    """Return the query for all flats, each with the key of its set: flat_gains_uvis_17672."""
    observation = tables.Observation
    key = func.concat(f"{ASSET}_", func.lower(observation.detector), "_", observation.proposal_id)
    is_any = or_(false(), *(is_selected(name, one) for name, one in load_selections().items()))
    is_one = is_any & observation.proposal_id.is_not(None)
    return select(key.label("key"), observation.rootname).where(is_one)


SETS = ExposureSets(select_flats, lambda key: load_selections()[detector_of(ASSET, key)])

"""Say which exposures are flats for the bowtie: a set is those of a visit, bowtie_uvis_17666-a1."""

from sqlalchemy import Select, func, or_, select

from hstql_assets.monitors.bowtie.selection import ASSET, load_selections
from hstql_assets.monitors.framework.exposure_sets import ExposureSets, detector_of
from hstql_assets.monitors.framework.membership import is_selected
from hstql_resources import tables


def select_flats() -> Select[str, str]:
    """Return the query for all flats, each with the key of its visit."""
    observation = tables.Observation
    key = func.concat(
        f"{ASSET}_", func.lower(observation.detector), "_", observation.proposal_id, "-",
        func.substr(observation.rootname, 5, 2),
    )  # fmt: skip
    selections = load_selections().items()
    is_any = or_(*(is_selected(name, one) for name, one in selections))
    is_one = is_any & observation.proposal_id.is_not(None)
    return select(key.label("key"), observation.rootname).where(is_one)


SETS = ExposureSets(select_flats, lambda key: load_selections()[detector_of(ASSET, key)])

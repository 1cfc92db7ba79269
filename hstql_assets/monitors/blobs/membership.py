"""Say which exposures show blobs, and which window of days each is in: blobs_ir_2010-06-26."""

from datetime import date

from sqlalchemy import Date, Integer, Select, cast, func, or_, select, union_all

from hstql_assets.batching.decisions import any_of
from hstql_assets.monitors.blobs.selection import (
    ASSET,
    FIRST_MJD,
    BlobSelection,
    load_selections,
)
from hstql_assets.monitors.framework.exposure_sets import ExposureSets, detector_of
from hstql_assets.monitors.framework.membership import is_selected
from hstql_resources import tables

FIRST_DAY = date(2009, 6, 1)  # of FIRST_MJD


def select_frames() -> Select[str, str]:
    """Return the query for all exposures, each with the key of its window."""
    every = union_all(*(_select_of(*item) for item in load_selections().items())).subquery()
    return select(every.c.key, every.c.rootname)


def _select_of(detector: str, selection: BlobSelection) -> Select[str, str]:
    observation = tables.Observation
    days = selection.window_days
    number = func.floor((observation.exp_start_mjd - FIRST_MJD) / days)
    begins = cast(FIRST_DAY, Date) + cast(number, Integer) * days
    key = func.concat(f"{ASSET}_{detector.lower()}_", func.to_char(begins, "YYYY-MM-DD"))
    is_shown = or_(
        func.upper(observation.image_type) == "EXT",
        func.upper(observation.target_name) == any_of(selection.flat_targets),
    )
    return select(key.label("key"), observation.rootname).where(
        is_selected(detector, selection), is_shown, observation.exp_start_mjd >= FIRST_MJD
    )


SETS = ExposureSets(select_frames, lambda key: load_selections()[detector_of(ASSET, key)])

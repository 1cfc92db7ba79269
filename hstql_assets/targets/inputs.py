"""Read what the decision about targets needs: exposures, positions, earlier decisions.

Everything is asked through a function that reads, so that it can be asked again inside the
transaction that writes.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Executable, Row, Text, exists, func, literal, select

from hstql_assets.batching.decisions import any_of
from hstql_assets.targets.exposures import Positions, TargetExposure
from hstql_resources import tables
from hstql_resources.filetypes import EVENT_TYPES
from hstql_resources.target_names import is_science_target

Read = Callable[[Executable], Sequence[Row[*tuple[Any, ...]]]]
Stored = tuple[str, str, str, str]  # target_name, resolved_name, target, reason


def read_target_exposures(read: Read) -> list[TargetExposure]:
    """Return every TIME-TAG science exposure with events of its own, in one query."""
    observation, file = tables.Observation, tables.File
    statement = select(
        observation.rootname,
        func.coalesce(observation.target_name, ""),
        observation.ra_deg,
        observation.dec_deg,
        observation.is_moving_target,
        observation.exp_start_mjd,
        observation.pm_ra_arcsec_per_yr,
        observation.pm_dec_arcsec_per_yr,
    ).where(
        func.upper(observation.obs_mode) == "TIME-TAG",
        func.upper(func.coalesce(observation.exposure_type, "EXTERNAL/")).like("EXTERNAL/%"),
        exists().where(file.rootname == observation.rootname, file.filetype == any_of(EVENT_TYPES)),
    )
    return [TargetExposure(*row) for row in read(statement) if is_science_target(row[1])]


def read_positions(read: Read) -> Positions:
    """Return the positions that Sesame gave, by name."""
    named = tables.NamedPosition
    statement = select(named.target_name, named.ra_deg, named.dec_deg).where(
        named.ra_deg.is_not(None), named.dec_deg.is_not(None)
    )
    return {row.target_name: (row.ra_deg, row.dec_deg) for row in read(statement)}


def read_stored(read: Read) -> dict[str, Stored]:
    """Return the decisions as they are stored, by rootname."""
    name = tables.TargetName
    statement = select(
        name.rootname, name.target_name, name.resolved_name, name.target, name.reason
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in read(statement)}


def read_lightcurves(read: Read) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return rootname, target, path and name of each lightcurve and extraction."""
    curve, extraction = tables.Lightcurve, tables.Extraction
    unnamed = select(curve.rootname, curve.target, curve.path, literal(None, Text).label("name"))
    named = select(extraction.rootname, extraction.target, extraction.path, extraction.name)
    return read(unnamed.union_all(named))


def read_renamed(read: Read) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the same, and the target now, where the decision is another one."""
    curve, extraction, name = tables.Lightcurve, tables.Extraction, tables.TargetName
    unnamed = select(
        curve.rootname,
        curve.target,
        curve.path,
        literal(None, Text).label("name"),
        name.target.label("now"),
    ).join(name, (name.rootname == curve.rootname) & (name.target != curve.target))
    named = select(
        extraction.rootname, extraction.target, extraction.path, extraction.name, name.target
    ).join(name, (name.rootname == extraction.rootname) & (name.target != extraction.target))
    return read(unnamed.union_all(named).order_by("rootname", "name"))

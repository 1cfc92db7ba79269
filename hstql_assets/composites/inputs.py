"""Read what the composite step needs to know about a batch of targets, in four queries."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, func, select

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.ownership import OwnedFiles
from hstql_assets.batching.retiring import find_files
from hstql_assets.composites.choosing import Member
from hstql_assets.composites.configuration import Configuration
from hstql_assets.composites.files import NAME
from hstql_assets.composites.making import CompositeTask, KnownFile
from hstql_assets.lightcurves.inputs import EVENTS, SPECTRUM, SUPPORT
from hstql_assets.lightcurves.settings import ExtractionSettings, find_unusual
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

COMPOSITE_FILES = OwnedFiles("products/composites", rf"{NAME}\.fits", (tables.Composite.path,))
Files = dict[str, dict[str, KnownFile]]  # by rootname and type


def locate_composites(
    database: Database, filesystem: Filesystem, keys: Sequence[str], settings: ExtractionSettings
) -> list[CompositeTask]:
    """Return a task for each target of a batch."""
    curves = _curves_by_target(database, keys)
    files = _read_files(database, keys)
    before = _find_composites(database, filesystem, keys)
    names = _read_names(database, keys)
    return [
        CompositeTask(
            key=key,
            target_name=names.get(key, key),
            members=_sort_members(curves[key], files),
            made_at=_read_dates(curves[key]),
            files={
                known.path: known for row in curves[key] for known in files[row.rootname].values()
            },
            before=tuple(sorted(before[key])),
            settings=settings,
            filesystem=filesystem,
        )
        for key in keys
    ]


def locate_products(database: Database, keys: Sequence[str]) -> dict[str, list[Path]]:
    """Return the composite files of each target, in the order of their names, in one query."""
    composite = tables.Composite
    statement = (
        select(composite.target, composite.path)
        .where(composite.target == any_of(keys))
        .order_by(composite.filename)
    )
    paths: dict[str, list[Path]] = {key: [] for key in keys}
    for row in database.read(statement):
        paths[row.target].append(Path(row.path))
    return paths


def _curves_by_target(database: Database, keys: Sequence[str]) -> dict[str, list[Row[Any]]]:
    curve, observation = tables.Lightcurve, tables.Observation
    statement = (
        select(
            curve.target,
            curve.rootname,
            curve.wave_min,
            curve.wave_max,
            curve.segments,
            curve.exposure_s,
            curve.settings,
            curve.ingest_date,
            observation.instrument,
            observation.detector,
            observation.opt_elem,
            observation.cenwave,
            observation.aperture,
            observation.obs_type,
        )
        .outerjoin(observation, observation.rootname == curve.rootname)
        .where(curve.target == any_of(keys))
        .order_by(curve.rootname)
    )
    curves: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in database.read(statement):
        curves[row.target].append(row)
    return curves


def _read_files(database: Database, keys: Sequence[str]) -> Files:
    file, curve = tables.File, tables.Lightcurve
    statement = (
        select(
            file.rootname, file.filetype, file.path, file.size_bytes, file.sha256, file.ingest_date
        )
        .join(curve, curve.rootname == file.rootname)
        .where(curve.target == any_of(keys), file.filetype == any_of([*EVENTS, SPECTRUM, SUPPORT]))
    )
    files: Files = defaultdict(dict)
    for row in database.read(statement):
        files[row.rootname][row.filetype] = KnownFile(
            Path(row.path), row.size_bytes, row.sha256, row.ingest_date.timestamp()
        )
    return files


def _find_composites(
    database: Database, filesystem: Filesystem, keys: Sequence[str]
) -> dict[str, set[str]]:
    """Return the names of the composites of each target, by rows and by what lies on the disk."""
    composite = tables.Composite
    statement = select(composite.target, composite.filename).where(composite.target == any_of(keys))
    on_disk = find_files(filesystem, COMPOSITE_FILES, keys)
    found = {key: {path.name for path in paths} for key, paths in on_disk.items()}
    for row in database.read(statement):
        found[row.target].add(row.filename)
    return found


def _read_names(database: Database, keys: Sequence[str]) -> dict[str, str]:
    name = tables.TargetName
    statement = (
        select(name.target, func.min(name.resolved_name))
        .where(name.target == any_of(keys))
        .group_by(name.target)
    )
    return {str(row[0]): str(row[1]) for row in database.read(statement)}


def _sort_members(
    curves: Sequence[Row[Any]], files: Files
) -> dict[Configuration, tuple[Member, ...]]:
    members: dict[Configuration, list[Member]] = defaultdict(list)
    for row in curves:
        configuration = Configuration.from_headers(
            row.instrument, row.detector, row.opt_elem, row.cenwave, row.aperture, row.obs_type
        )
        known = files[row.rootname]
        spectrum, support = known.get(SPECTRUM), known.get(SUPPORT)
        members[configuration].append(
            Member(
                rootname=row.rootname,
                events=tuple(known[name].path for name in EVENTS if name in known),
                x1d=None if spectrum is None else spectrum.path,
                wave_min=row.wave_min,
                wave_max=row.wave_max,
                segments=row.segments,
                exposure_s=row.exposure_s,
                has_own_settings=bool(find_unusual(json.loads(row.settings or "{}"))),
                spt=None if support is None else support.path,
            )
        )
    return {configuration: tuple(members[configuration]) for configuration in sorted(members)}


def _read_dates(curves: Sequence[Row[Any]]) -> dict[str, datetime]:
    return {row.rootname: row.ingest_date for row in curves}

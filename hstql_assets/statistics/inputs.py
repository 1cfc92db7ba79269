"""Read what the statistics need: lightcurve files and what they lack."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import and_, select

from hstql_assets.batching.decisions import any_of, follow_composites
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.lightcurves.inputs import locate_lightcurves
from hstql_assets.statistics.measuring import CompositeStatisticsTask, StatisticsTask
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def locate_measurable(
    database: Database, instrument: str, keys: Sequence[str]
) -> list[StatisticsTask | Outcome]:
    """Return a task for each exposure of a batch, in three queries."""
    curve = tables.Lightcurve
    statement = select(
        curve.rootname, curve.is_background_subtracted, curve.missing_references
    ).where(curve.rootname == any_of(keys))
    known = {
        row.rootname: (row.is_background_subtracted, _split(row.missing_references))
        for row in database.read(statement)
    }
    found = locate_lightcurves(database, instrument, keys)
    return [
        start if isinstance(start, Outcome) else StatisticsTask(key, start, *known.get(key, ()))
        for key, start in found.items()
    ]


def locate_measurable_composites(
    database: Database, keys: Sequence[str]
) -> list[CompositeStatisticsTask | Outcome]:
    """Return a task for each target of a batch, in three queries."""
    missing = _missing_references(database, keys)
    composite = tables.Composite
    statement = (
        select(
            composite.target,
            composite.path,
            composite.filename,
            composite.is_background_subtracted,
        )
        .where(composite.target == any_of(keys))
        .order_by(composite.filename)
    )
    files: dict[str, list[StatisticsTask]] = defaultdict(list)
    for row in database.read(statement):
        references = tuple(sorted(missing[row.filename]))
        files[row.target].append(
            StatisticsTask(row.target, Path(row.path), row.is_background_subtracted, references)
        )

    def task(key: str) -> CompositeStatisticsTask | None:
        return CompositeStatisticsTask(key, tuple(files[key])) if files[key] else None

    return follow_composites(database, keys, task)


def _missing_references(database: Database, keys: Sequence[str]) -> dict[str, set[str]]:
    """Return the reference files that members of a composite lack, by the composite's name."""
    member, curve = tables.CompositeMember, tables.Lightcurve
    statement = (
        select(member.filename, curve.missing_references)
        .join(curve, and_(curve.rootname == member.rootname, curve.missing_references.is_not(None)))
        .where(member.target == any_of(keys), member.filename.is_not(None))
    )
    missing: dict[str, set[str]] = defaultdict(set)
    for row in database.read(statement):
        missing[row.filename].update(_split(row.missing_references))
    return missing


def _split(references: str | None) -> tuple[str, ...]:
    return tuple(references.split(",")) if references else ()

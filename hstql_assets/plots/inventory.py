"""Read everything that there is to list: each lightcurve and composite with its statistics."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Select, func, select

from hstql_assets.batching.decisions import any_of
from hstql_assets.plots.items import CONFIGURATION, LISTED, Item, Kind
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem, PlotFiles
from hstql_resources.postgres.database import Database


def read_items(database: Database, filesystem: Filesystem) -> list[Item]:
    """Return all composites and lightcurves, by target, composites first, in order of time."""
    items = [_composite(row, filesystem) for row in database.read(_composites())]
    items += [_individual(row, filesystem) for row in database.read(_individuals())]
    return sorted(
        items, key=lambda item: (item.target, item.kind, item.start_mjd or 0.0, item.path.name)
    )


def read_statistics(database: Database, filenames: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the rows of the table `statistics` of some files, by name."""
    statistics = tables.Statistics.__table__
    statement = select(statistics).where(statistics.c.filename == any_of(filenames))
    return {row.filename: dict(row._mapping) for row in database.read(statement)}


def _composites() -> Select[Any]:
    composite, statistics = tables.Composite, tables.Statistics
    columns = (composite.__table__.c[name] for name in CONFIGURATION)
    return select(
        composite.target,
        _resolved_name(composite.target),
        composite.path,
        composite.exposures,
        composite.exposure_s,
        composite.exp_start_mjd,
        composite.ingest_date,
        _proposals_of(composite.filename),
        *columns,
        *(statistics.__table__.c[name] for name in LISTED),
    ).outerjoin(statistics, statistics.filename == composite.filename)


def _individuals() -> Select[Any]:
    curve, observation, statistics = tables.Lightcurve, tables.Observation, tables.Statistics
    return (
        select(
            curve.target,
            observation.target_name,
            curve.path,
            curve.rootname,
            curve.exposure_s,
            observation.exp_start_mjd,
            curve.ingest_date,
            observation.proposal_id,
            *(observation.__table__.c[name] for name in CONFIGURATION),
            *(statistics.__table__.c[name] for name in LISTED),
        )
        .outerjoin(observation, observation.rootname == curve.rootname)
        .outerjoin(statistics, statistics.rootname == curve.rootname)
    )


def _resolved_name(target: Any) -> Any:
    name = tables.TargetName
    first = select(name.resolved_name).where(name.target == target).order_by(name.resolved_name)
    return first.limit(1).scalar_subquery().label("target_name")


def _proposals_of(filename: Any) -> Any:
    member, observation = tables.CompositeMember, tables.Observation
    found = (
        select(func.array_agg(observation.proposal_id.distinct()))
        .join(member, member.rootname == observation.rootname)
        .where(member.filename == filename)
    )
    return found.scalar_subquery().label("proposals")


def _composite(row: Row[Any], filesystem: Filesystem) -> Item:
    path = Path(row.path)
    plots = filesystem.composite_plots(path.name)
    return _item("composite", row, path, plots, row.exposures, row.proposals or ())


def _individual(row: Row[Any], filesystem: Filesystem) -> Item:
    plots = filesystem.lightcurve_plots(row.target, row.rootname)
    return _item("individual", row, Path(row.path), plots, 1, (row.proposal_id,))


def _item(
    kind: Kind,
    row: Row[Any],
    path: Path,
    plots: PlotFiles,
    exposures: int,
    proposals: Iterable[int | None],
) -> Item:
    values = row._mapping
    return Item(
        kind=kind,
        target=row.target,
        target_name=row.target_name or row.target,
        path=path,
        plots=plots,
        configuration=tuple(
            "" if values[name] is None else str(values[name]) for name in CONFIGURATION
        ),
        exposures=exposures,
        exposure_s=row.exposure_s,
        start_mjd=row.exp_start_mjd,
        made_at=row.ingest_date,
        statistics={name: values[name] for name in LISTED},
        proposals=tuple(sorted(one for one in proposals if one is not None)),
    )

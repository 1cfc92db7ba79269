"""What is left of composites that are no more, taken away: files, plots, rows, decisions."""

import os
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select

from hstql_assets.batching.decisions import among, forget_summaries
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

NAME_PARTS, TARGET_PART = 10, 4  # of the name of a composite, between its underscores
TARGET_ASSETS = ("composites", "composite_statistics", "composite_plots")


def find_composites(
    filesystem: Filesystem, rows: Iterable[tuple[str, str]], keys: Sequence[str]
) -> dict[str, set[str]]:
    """Return the names of the composites of each target, by rows and by what lies on the disk.

    A run that was killed leaves files without rows; they have to go as well.

    Parameters
    ----------
    filesystem : Filesystem
        Where the files are.
    rows : iterable of tuple
        Target and filename of the rows of these targets.
    keys : sequence of str
        Slugs of targets.
    """
    found: dict[str, set[str]] = {key: set() for key in keys}
    for target, filename in rows:
        found[target].add(filename)
    folder = filesystem.composite("any").parent
    for name in os.listdir(folder) if folder.is_dir() else ():  # noqa: PTH208, names are enough
        parts = name.split("_")
        if len(parts) == NAME_PARTS and parts[TARGET_PART] in found:
            found[parts[TARGET_PART]].add(name)
    return found


def remove_composite(filesystem: Filesystem, filename: str) -> None:
    """Remove the file of a composite, and all its plots."""
    for path in (filesystem.composite(filename), *filesystem.composite_plots(filename)):
        filesystem.remove(path)


def retire_targets(database: Database, filesystem: Filesystem, keys: Sequence[str]) -> list[str]:
    """Remove composites of targets that have no lightcurve any more.

    The partition keys are the caller's to unregister.

    Parameters
    ----------
    database, filesystem
        Where they are.
    keys : sequence of str
        Slugs of targets; those that have a lightcurve stay.

    Returns
    -------
    list of str
        The targets that were retired, sorted.
    """
    if not keys:
        return []
    curve, composite, outcome = tables.Lightcurve, tables.Composite, tables.Outcome
    with database.write() as writer:  # while nobody else can add a lightcurve
        alive = select(curve.target).where(curve.target == among(keys))
        retired = sorted(set(keys) - set(writer.connection.execute(alive).scalars()))
        if not retired:
            return []
        named = select(composite.target, composite.filename).where(
            composite.target == among(retired)
        )
        rows = [(row.target, row.filename) for row in writer.connection.execute(named)]
        found = find_composites(filesystem, rows, retired)
        filenames = sorted(name for names in found.values() for name in names)
        writer.delete(tables.Statistics, "filename", filenames)
        for model in (composite, tables.CompositeMember):
            writer.delete(model, "target", retired)
        writer.execute(
            delete(outcome).where(
                outcome.asset == among(TARGET_ASSETS), outcome.key == among(retired)
            )
        )
        forget_summaries(writer)
    for filename in filenames:
        remove_composite(filesystem, filename)
    return retired


def drop_lost_statistics(database: Database) -> None:
    """Remove the statistics of composites that their targets do not have any more."""
    statistics, composite = tables.Statistics, tables.Composite
    is_there = select(composite.filename).where(composite.filename == statistics.filename).exists()
    with database.write() as writer:
        writer.execute(delete(statistics).where(statistics.kind == "composite", ~is_there))

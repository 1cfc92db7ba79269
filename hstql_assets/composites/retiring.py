"""What is left of composites that are no more, taken away: files, plots, rows, decisions."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from hstql_assets.batching.decisions import among, forget_summaries
from hstql_assets.composites.files import find_composites, remove_composite
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

TARGET_ASSETS = ("composites", "composite_statistics", "composite_plots")


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

"""What is left of lightcurves whose exposures are no TIME-TAG science any more, taken away."""

from collections.abc import Sequence

from sqlalchemy import delete

from hstql_assets.batching.decisions import among, forget_summaries
from hstql_assets.lightcurves.inputs import read_lightcurve_paths
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database


def retire_lightcurves(
    database: Database, filesystem: Filesystem, instrument: str, keys: Sequence[str]
) -> None:
    """Remove lightcurves with their plots and rows.

    Parameters
    ----------
    database, filesystem
        Where they are.
    instrument : str
        Such as `cos`.
    keys : sequence of str
        Rootnames; those without a lightcurve do not matter.
    """
    paths = read_lightcurve_paths(database, keys)
    if not paths:
        return
    for key, path in paths.items():
        filesystem.remove(path)
        for plot in filesystem.lightcurve_plots(path.parent.name, key):
            filesystem.remove(plot)
    outcome = tables.Outcome
    steps = [f"{instrument}/{name}" for name in
             ("lightcurves", "lightcurve_statistics", "lightcurve_plots")]  # fmt: skip
    with database.write() as writer:
        for model in (tables.Lightcurve, tables.Statistics):
            writer.delete(model, "rootname", list(paths))
        writer.execute(
            delete(outcome).where(outcome.asset == among(steps), outcome.key == among(list(paths)))
        )
        forget_summaries(writer)

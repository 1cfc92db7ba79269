"""Remove the plots of composites that are no more."""

from sqlalchemy import select

from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database


def remove_lost_plots(database: Database, filesystem: Filesystem) -> None:
    """Remove the plots of every composite that has no row.

    A composite takes its plots along when it goes. Here go those that were drawn from it while it
    went, in another process.
    """
    rows = database.read(select(tables.Composite.filename))
    wanted = {path for row in rows for path in filesystem.composite_plots(row.filename)}
    folder = filesystem.composite_plots("").folder
    for path in sorted(folder.glob("hlsp_*")):
        if path not in wanted:
            filesystem.remove(path)

"""Read what monitors say, and where the exposures on their pages lead."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import case, func, literal, select, union_all

from hstql_assets.batching.decisions import any_of
from hstql_assets.monitors.framework.states import OK, find_page
from hstql_assets.pages.exposure_links import is_name
from hstql_assets.pages.pages import link
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.monitor_history import STATES
from hstql_resources.postgres.database import Database


def read_states(database: Database) -> list[Mapping[str, object]]:
    """Return the rows of all monitors, alarms first, then by title."""
    state = tables.MonitorState
    rank = case({name: rank for rank, name in enumerate(STATES)}, value=state.state, else_=-1)
    columns = tables.Base.metadata.tables[state.__tablename__].columns
    rows = database.read(select(*columns).order_by(rank, state.title, state.monitor))
    return [dict(row._mapping) for row in rows]


def read_aged(database: Database) -> dict[str, datetime]:
    """Return the monitors that were ok when they were made, and since when they are stale."""
    state = tables.MonitorState
    statement = select(state.monitor, state.stale_at).where(
        state.state == OK, state.stale_at < func.now()
    )
    return {row.monitor: row.stale_at for row in database.read(statement)}


def read_links(
    database: Database, filesystem: Filesystem, site: str | None, rootnames: Sequence[str]
) -> dict[str, str]:
    """Return where exposures lead from a page on the disk: to the site, where there is one.

    Else to their preview, or to the folder of their files. Cumulative images lead to their gain
    maps. Of any number of exposures in one statement; those without files are not in it.

    Parameters
    ----------
    database : Database
    filesystem : Filesystem
    site : str or None
        The address of the site.
    rootnames : sequence of str
        Exposures and cumulative images.

    Returns
    -------
    dict
        Addresses by rootname; those that are not of the site are relative to the page of any
        monitor.
    """
    if not rootnames:
        return {}
    preview, file, image = tables.Preview, tables.File, tables.CumulativeImage
    found = union_all(
        select(preview.rootname, preview.path, literal(True).label("is_file")).where(
            preview.rootname == any_of(rootnames), preview.is_preferred
        ),
        select(image.image, image.path, literal(True)).where(image.image == any_of(rootnames)),
        select(file.rootname, func.min(file.path), literal(False))
        .where(file.rootname == any_of(rootnames))
        .group_by(file.rootname),
    ).subquery()
    page = find_page(filesystem, "any")
    # Previews come last, and so stay.
    statement = select(found).order_by(found.c.rootname, found.c.is_file, found.c.path)
    links = {}
    for row in database.read(statement):
        path = Path(row.path)
        if site is not None and is_name(row.rootname):
            links[row.rootname] = f"{site.rstrip('/')}/exposure/{row.rootname}"
        else:
            links[row.rootname] = link(path, page) if row.is_file else f"{link(path.parent, page)}/"
    return links

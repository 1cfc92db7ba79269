"""What monitors say, in the table of their states, and where the exposures on their pages lead."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import case, func, literal, select, union_all

from hstql_assets.batching.decisions import among
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.pages.pages import link
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

# From what has to be looked at first to what need not be looked at.
STATES = ("alarm", "warning", "ok", "empty")
PAGE = "index.html"


def find_page(filesystem: Filesystem, folder: str) -> Path:
    """Return where the page of a monitor is; its pictures lie beside it."""
    return filesystem.plots / "monitors" / folder / PAGE


def judge(report: TrendReport) -> str:
    """Return the worst that the limits of a monitor say.

    Parameters
    ----------
    report : TrendReport

    Returns
    -------
    str
        alarm, warning or ok; empty without exposures. What cannot be judged counts as ok.
    """
    if not report.exposures:
        return "empty"
    said = {verdict.state for verdict in report.verdicts}
    return next((state for state in STATES if state in said), "ok")


def make_state(
    name: str, title: str, page: str, report: TrendReport, before: Mapping[str, object] | None
) -> dict[str, object]:
    """Return the row of anything that is on the index of monitors.

    Parameters
    ----------
    name : str
        Of the asset.
    title : str
        For readers.
    page : str
        Where its page is, under the folder of plots.
    report : TrendReport
    before : mapping or None
        The row as it is.

    Returns
    -------
    dict
        With the time of the change as before while the state is as before.
    """
    now, state = datetime.now(UTC), judge(report)
    is_same = before is not None and before["state"] == state
    return {
        "monitor": name,
        "title": title,
        "state": state,
        "summary": report.summary,
        "newest_mjd": report.newest_mjd,
        "exposures": report.exposures,
        "changed_at": before["changed_at"] if before is not None and is_same else now,
        "page": page,
        "ingest_date": now,
    }


def read_states(database: Database) -> list[Mapping[str, object]]:
    """Return the rows of all monitors, alarms first, then by title."""
    state = tables.MonitorState
    rank = case({name: rank for rank, name in enumerate(STATES)}, value=state.state, else_=-1)
    columns = tables.Base.metadata.tables[state.__tablename__].columns
    rows = database.read(select(*columns).order_by(rank, state.title, state.monitor))
    return [dict(row._mapping) for row in rows]


def read_links(
    database: Database, filesystem: Filesystem, rootnames: Sequence[str]
) -> dict[str, str]:
    """Return where exposures lead: to their preview, else to the folder of their files.

    Parameters
    ----------
    database : Database
    filesystem : Filesystem
    rootnames : sequence of str
        Any number; all in one statement.

    Returns
    -------
    dict
        Address by rootname, relative to the page of any monitor. Exposures without files are not
        in it.
    """
    if not rootnames:
        return {}
    preview, file = tables.Preview, tables.File
    found = union_all(
        select(preview.rootname, preview.path, literal(True).label("is_preview")).where(
            preview.rootname == among(rootnames), preview.is_preferred
        ),
        select(file.rootname, func.min(file.path), literal(False))
        .where(file.rootname == among(rootnames))
        .group_by(file.rootname),
    ).subquery()
    page = find_page(filesystem, "any")
    # Previews come last, and so stay.
    statement = select(found).order_by(found.c.rootname, found.c.is_preview, found.c.path)
    return {
        row.rootname: link(Path(row.path), page)
        if row.is_preview
        else f"{link(Path(row.path).parent, page)}/"
        for row in database.read(statement)
    }

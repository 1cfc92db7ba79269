"""Judge what monitors say, and make the rows of their states."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from hstql_assets.monitors.framework.report import TrendReport
from hstql_resources.filesystem import Filesystem

# From what has to be looked at first to what need not be looked at.
STATES = ("alarm", "warning", "ok", "empty")
PAGE = "index.html"


def find_page(filesystem: Filesystem, folder: str) -> Path:
    """Return where the page of a monitor is; its pictures lie beside it."""
    return filesystem.plots / "monitors" / folder / PAGE


def judge(report: TrendReport) -> str:
    """Return the worst that the limits of a monitor say.

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

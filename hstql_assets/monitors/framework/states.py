"""Judge what monitors say, and make the rows of their states."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hstql_assets.monitors.framework.report import TrendReport, Verdict
from hstql_resources.filesystem import Filesystem
from hstql_resources.monitor_history import STATES
from hstql_resources.times import can_be_written, mjd_to_datetime

NOT_JUDGED, STALE, OK = "not judged", "stale", "ok"
GRAVE = ("alarm", "warning")
MOST_REASONS = 5
MOST_GRAVE = 2  # that the index tells; its link leads to all
PAGE = "index.html"


def find_page(filesystem: Filesystem, folder: str) -> Path:
    """Return where the page of a monitor is; its pictures lie beside it."""
    return filesystem.plots / "monitors" / folder / PAGE


def judge(report: TrendReport) -> str:
    """Return the worst that the limits of a monitor say.

    Returns
    -------
    str
        alarm or warning; `not judged` if no limit could be, `stale` if all that were judged hold
        but the data are too old, else ok. Without exposures empty.
    """
    if not report.exposures:
        return "empty"
    said = {verdict.state for verdict in report.verdicts}
    state = next((state for state in STATES if state in said), NOT_JUDGED)
    return STALE if state == OK and is_stale(report) else state


def is_stale(report: TrendReport) -> bool:
    """Tell whether the newest data are older than the monitor allows."""
    return report.stale_at is not None and report.stale_at < datetime.now(UTC)


def complete(report: TrendReport, stale_days: float | None) -> TrendReport:
    """Return a report that knows when it is stale, and tells why it is not ok.

    Parameters
    ----------
    report : TrendReport
    stale_days : float or None
        See `Trend`.
    """
    newest = report.newest_mjd
    if stale_days is not None and newest is not None and can_be_written(newest):
        at = mjd_to_datetime(newest) + timedelta(days=stale_days)
        report = replace(report, stale_at=at)
    reasons = [report.summary]
    if judge(report) in GRAVE:
        reasons.append(tell_grave(report.verdicts))
    if judge(report) == NOT_JUDGED:
        reasons.append(tell_not_judged(report.verdicts))
    if is_stale(report) and newest is not None:
        day = f"{mjd_to_datetime(newest):%Y-%m-%d}"
        reasons.append(
            f"Stale: the newest exposure is of {day}, more than {stale_days:g} days ago."
        )
    return replace(report, summary=" ".join(reasons))


def tell_grave(verdicts: Sequence[Verdict]) -> str:
    """Return what is not as it should be: the worst verdicts, and how many there are beside."""
    grave = [one for state in GRAVE for one in verdicts if one.state == state]
    more = f" And {len(grave) - MOST_GRAVE} more." if len(grave) > MOST_GRAVE else ""
    told = [
        f"{str(one.state).capitalize()}: {one.label}: {one.sentence.rstrip('.')}."
        for one in grave[:MOST_GRAVE]
    ]
    return f"{' '.join(told)}{more}"


def tell_not_judged(verdicts: Sequence[Verdict]) -> str:
    """Return why limits could not be judged: what their verdicts say, each once."""
    said = list(dict.fromkeys(one.sentence.rstrip(".") + "." for one in verdicts))
    more = f" And {len(said) - MOST_REASONS} more." if len(said) > MOST_REASONS else ""
    reasons = " ".join(said[:MOST_REASONS]) or "There is no limit that applies."
    return f"Not judged: {reasons}{more}"


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
        The row as it is, or the last change.

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
        "stale_at": report.stale_at,
        "page": page,
        "ingest_date": now,
    }

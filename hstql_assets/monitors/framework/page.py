"""Render the page of a monitor: what it says, what its limits say, and its charts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hstql_assets.monitors.framework.monitor import Trend
from hstql_assets.monitors.framework.report import Section, TrendReport, Verdict
from hstql_assets.monitors.framework.states import NOT_JUDGED, find_page
from hstql_assets.pages.chart_panels import SmallChart, make_panel, shrink
from hstql_assets.pages.charts import Chart
from hstql_assets.pages.exposure_links import find_names
from hstql_assets.pages.labels import NOTHING
from hstql_assets.pages.pages import BOKEH, link, render
from hstql_resources.filesystem import Filesystem
from hstql_resources.monitor_history import STATES
from hstql_resources.times import word_time

# Addresses by rootname, relative to the page, of those that lead somewhere.
FindLinks = Callable[[Sequence[str]], Mapping[str, str]]

HINT = "Point at something to see its numbers, drag to zoom, click on a legend entry to hide it."
CLICK = " A click on a point leads to its exposure."


@dataclass(frozen=True)
class MonitorPage:
    """What the page of a monitor says.

    Attributes
    ----------
    content : dict
        What the template asks for, as JSON can hold it: the site shows the same.
    links : mapping of str to str
        Where the exposures on it lead from the page on the disk.
    """

    content: dict[str, Any]
    links: Mapping[str, str]


def describe_monitor(
    trend: Trend, report: TrendReport, state: str, find_links: FindLinks
) -> MonitorPage:
    """Return what the page of a monitor says; the same report gives the same page.

    Parameters
    ----------
    trend, report
        The monitor, and what came of it.
    state : str
        See `states.judge`.
    find_links : callable
        Takes the exposures that can be pointed at or are named; see `stored_states.read_links`.
    """
    small = {chart.name: shrink(chart) for part in report.sections for chart in part.charts}
    pointed = {name for one in small.values() for name in one.rootnames}
    named = sorted(pointed | find_names(_texts(report, small)))
    found = find_links(named)
    links = {name: found[name] for name in named if name in found}
    sections = [_describe_section(part, small, links) for part in report.sections]
    hint = HINT if any(one["figure"] for part in sections for one in part["charts"]) else ""
    newest = "none" if report.newest_mjd is None else word_time(report.newest_mjd)
    content = {
        "heading": trend.title,
        "about": trend.about,
        "state": state,
        "summary": report.summary,
        "facts": [("exposures", f"{report.exposures:,}"), ("newest (UTC)", newest)],
        "verdicts": [_describe_verdict(one) for one in _sort(report.verdicts)],
        "hint": hint + CLICK if pointed.intersection(links) else hint,
        "sections": sections,
        "nothing": NOTHING,
    }
    return MonitorPage(content, links)


def render_monitor(trend: Trend, page: MonitorPage, filesystem: Filesystem) -> str:
    """Return the page of a monitor, as HTML.

    Parameters
    ----------
    trend : Trend
    page : MonitorPage
        What it says.
    filesystem : Filesystem
        Where it will be.
    """
    path = find_page(filesystem, trend.page_folder)
    return render(
        "monitor.html",
        path,
        filesystem.plots,
        trend.title,
        scripts=(BOKEH, "panels.js", "monitor_links.js"),
        monitors=link(path.parents[1] / "index.html", path),
        beside="./",
        links=page.links,
        **page.content,
    )


def _texts(report: TrendReport, small: Mapping[str, SmallChart]) -> Iterator[str]:
    """Yield all texts that can name an exposure."""
    yield report.summary
    yield from (one.sentence for one in report.verdicts)
    yield from (one.chart.note for one in small.values())
    for section in report.sections:
        yield section.note
        yield from (cell for row in section.rows for cell in row)


def _describe_section(
    section: Section, small: Mapping[str, SmallChart], links: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "title": section.title,
        "note": section.note,
        "columns": section.columns,
        "rows": section.rows,
        "charts": [_describe_chart(one, small[one.name], links) for one in section.charts],
    }


def _describe_chart(chart: Chart, small: SmallChart, links: Mapping[str, str]) -> dict[str, Any]:
    panel = make_panel(small, links)
    return {
        "name": chart.name,
        "title": chart.title,
        "axes": f"{chart.y.label} against {chart.x.label}",
        "note": panel.note,
        "figure": "" if panel.is_empty else panel.figure,
    }


def _describe_verdict(verdict: Verdict) -> dict[str, str]:
    return {
        "state": verdict.state or NOT_JUDGED,
        "limit": verdict.limit.replace("_", " "),
        "label": verdict.label,
        "sentence": verdict.sentence,
    }


def _sort(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return verdicts from the worst to those that are not judged."""
    ranks = {state: rank for rank, state in enumerate(STATES)}
    return sorted(verdicts, key=lambda one: ranks.get(one.state or "", len(ranks)))

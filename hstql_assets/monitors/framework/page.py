"""Render the page of a monitor: what it says, what its limits say, and its charts."""

from collections.abc import Callable, Mapping, Sequence

from hstql_assets.monitors.framework.monitor import Trend
from hstql_assets.monitors.framework.report import TrendReport, Verdict
from hstql_assets.monitors.framework.states import NOT_JUDGED, STATES, find_page
from hstql_assets.pages.chart_panels import make_panel, shrink
from hstql_assets.pages.labels import NOTHING
from hstql_assets.pages.pages import BOKEH, link, render
from hstql_resources.filesystem import Filesystem
from hstql_resources.times import word_time

# Addresses by rootname, relative to the page, of those that lead somewhere.
FindLinks = Callable[[Sequence[str]], Mapping[str, str]]

HINT = "Point at something to see its numbers, drag to zoom, click on a legend entry to hide it."
CLICK = " A click on a point leads to its exposure."


def render_monitor(
    trend: Trend,
    report: TrendReport,
    state: str,
    filesystem: Filesystem,
    find_links: FindLinks,
) -> str:
    """Return the page of a monitor, as HTML; the same report gives the same page.

    Parameters
    ----------
    trend, report
        The monitor, and what came of it.
    state : str
        See `states.judge`.
    filesystem : Filesystem
        Where the page will be.
    find_links : callable
        Takes the exposures that can be pointed at; see `stored_states.read_links`.
    """
    small = {chart.name: shrink(chart) for part in report.sections for chart in part.charts}
    links = find_links(sorted({name for one in small.values() for name in one.rootnames}))
    parts = [
        (section, [(chart, make_panel(small[chart.name], links)) for chart in section.charts])
        for section in report.sections
    ]
    panels = [panel for _, charts in parts for _, panel in charts]
    shown = {name for one in panels for name in one.rootnames}.intersection(links)
    hint = "" if all(one.is_empty for one in panels) else HINT
    newest = "none" if report.newest_mjd is None else word_time(report.newest_mjd)
    page = find_page(filesystem, trend.page_folder)
    return render(
        "monitor.html",
        page,
        filesystem.plots,
        trend.title,
        scripts=(BOKEH, "panels.js", "monitor_links.js"),
        heading=trend.title,
        about=trend.about,
        state=state,
        summary=report.summary,
        monitors=link(page.parents[1] / "index.html", page),
        metadata=[("exposures", f"{report.exposures:,}"), ("newest (UTC)", newest)],
        verdicts=_sort(report.verdicts),
        not_judged=NOT_JUDGED,
        parts=parts,
        hint=hint + CLICK if shown else hint,
        nothing=NOTHING,
        links={name: links[name] for name in sorted(shown)},
    )


def _sort(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return verdicts from the worst to those that are not judged."""
    ranks = {state: rank for rank, state in enumerate(STATES)}
    return sorted(verdicts, key=lambda one: ranks.get(one.state or "", len(ranks)))

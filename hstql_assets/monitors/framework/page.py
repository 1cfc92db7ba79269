"""Render the page of a monitor: what it says, what its limits say, and its charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hstql_assets.monitors.framework.monitor import Trend
from hstql_assets.monitors.framework.report import Section, TrendReport, Verdict
from hstql_assets.monitors.framework.states import STATES, find_page
from hstql_assets.pages.charts import Chart
from hstql_assets.pages.labels import NOTHING
from hstql_assets.pages.pages import BOKEH, link, render
from hstql_resources.filesystem import Filesystem
from hstql_resources.times import word_time

NOT_JUDGED = "not judged"
HINT = "Point at something to see its numbers, drag to zoom, click on a legend entry to hide it."
CLICK = " A click on a point leads to its exposure."

__all__ = ["find_page", "render_monitor"]


@dataclass(frozen=True)
class _Figure:
    name: str
    title: str
    note: str
    picture: str
    figure: str | None
    rootnames: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    anchor: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[_Figure, ...]


def render_monitor(
    trend: Trend,
    report: TrendReport,
    state: str,
    filesystem: Filesystem,
    links: Mapping[str, str],
) -> str:
    """Return the page of a monitor.

    Parameters
    ----------
    trend : Trend
    report : TrendReport
    state : str
        See `states.judge`.
    filesystem : Filesystem
    links : mapping
        Address by rootname, relative to the page.

    Returns
    -------
    str
        HTML; the same report gives the same page.
    """
    parts = [
        _make_part(number, section, links) for number, section in enumerate(report.sections, 1)
    ]
    figures = [one for part in parts for one in part.figures]
    shown = {name for one in figures for name in one.rootnames}.intersection(links)
    hint = HINT if any(one.figure for one in figures) else ""
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
        metadata=_make_facts(report),
        verdicts=_sort(report.verdicts),
        not_judged=NOT_JUDGED,
        parts=parts,
        hint=hint + CLICK if shown else hint,
        nothing=NOTHING,
        links={name: links[name] for name in sorted(shown)},
    )


def _make_facts(report: TrendReport) -> list[tuple[str, str]]:
    newest = "none" if report.newest_mjd is None else word_time(report.newest_mjd)
    return [("exposures", f"{report.exposures:,}"), ("newest (UTC)", newest)]


def _sort(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return verdicts from the worst to those that are not judged."""
    ranks = {state: rank for rank, state in enumerate(STATES)}
    return sorted(verdicts, key=lambda one: ranks.get(one.state or "", len(ranks)))


def _make_part(number: int, section: Section, links: Mapping[str, str]) -> _Part:
    return _Part(
        f"section-{number}",
        section.title,
        section.note,
        section.columns,
        section.rows,
        tuple(_make_figure(chart, links) for chart in section.charts),
    )


def _make_figure(chart: Chart, links: Mapping[str, str]) -> _Figure:
    # Half a second that only those who draw should wait for.
    from hstql_assets.pages.chart_panels import make_panel

    panel = make_panel(chart, links)
    figure = None if panel.is_empty else panel.figure
    return _Figure(
        chart.name, chart.title, panel.note, f"./{chart.name}.png", figure, panel.rootnames
    )

"""Publish a monitor: its page, and a picture of each chart beside it."""

from collections import Counter
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

from hstql_assets.monitors.framework.monitor import Trend
from hstql_assets.monitors.framework.page import FindLinks, render_monitor
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.monitors.framework.states import find_page, judge
from hstql_assets.pages.charts import Chart, Points
from hstql_assets.pages.figure_files import save_figure
from hstql_assets.pages.pages import write_page
from hstql_resources.filesystem import Filesystem
from hstql_resources.workers import NO_WORKERS

FEWEST_TO_SHARE = 4  # charts: to start workers takes as long as to draw some


def publish(
    trend: Trend,
    report: TrendReport,
    filesystem: Filesystem,
    find_links: FindLinks,
    workers: Executor = NO_WORKERS,
) -> Path:
    """Write the page of a monitor and its pictures, remove those of charts that are no more.

    Returns the path of the page.

    Parameters
    ----------
    trend : Trend
    report : TrendReport
    filesystem : Filesystem
        The scripts of pages are to be there already, see `plots.pages.publish_scripts`.
    find_links : callable
        See `stored_states.read_links`.
    workers : concurrent.futures.Executor, optional
        Who draws the pictures, while this process makes the page; else all is done here.

    Raises
    ------
    ValueError
        If two charts have the same name.
    """
    charts = [chart for section in report.sections for chart in section.charts]
    twice = [name for name, number in Counter(chart.name for chart in charts).items() if number > 1]
    if twice:
        raise ValueError(f"Charts of {trend.name} have the same name: {', '.join(twice)}.")
    page = find_page(filesystem, trend.page_folder)
    submit = (NO_WORKERS if len(charts) < FEWEST_TO_SHARE else workers).submit
    drawn = {
        chart.name: submit(_draw, _leave_out_names(chart), page.parent, filesystem)
        for chart in charts
    }
    text = render_monitor(trend, report, judge(report), filesystem, find_links)
    write_page(filesystem, page, text)
    for picture in drawn.values():
        picture.result()
    for path in sorted(page.parent.glob("*.png")):
        if path.stem not in drawn:
            filesystem.remove(path)
    return page


def _leave_out_names(chart: Chart) -> Chart:
    """Return what a picture shows of a chart: a worker need not have a name for each point."""
    layers = (
        replace(one, rootnames=()) if isinstance(one, Points) else one for one in chart.layers
    )
    return replace(chart, layers=tuple(layers))


def _draw(chart: Chart, folder: Path, filesystem: Filesystem) -> None:
    # Half a second that only those who draw should wait for.
    from hstql_assets.pages.figures import draw_chart

    save_figure(draw_chart(chart), folder / f"{chart.name}.png", filesystem)

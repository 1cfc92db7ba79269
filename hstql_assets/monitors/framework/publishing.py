"""Publish a monitor: its page, and picture and numbers of each chart beside it.

To draw a picture takes a tenth of a second and more, so one of the same chart stays.
"""

import hashlib
import json
import pickle
from collections import Counter
from concurrent.futures import Executor
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

from hstql_assets.monitors.framework.monitor import Trend
from hstql_assets.monitors.framework.page import (
    FindLinks,
    MonitorPage,
    describe_monitor,
    render_monitor,
)
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.monitors.framework.states import find_page, judge
from hstql_assets.pages import charts as chart_sources
from hstql_assets.pages.chart_numbers import write_numbers
from hstql_assets.pages.charts import Chart, Points
from hstql_assets.pages.figure_files import is_drawn, save_figure
from hstql_assets.pages.pages import write_page
from hstql_resources.filesystem import Filesystem
from hstql_resources.source_digest import digest_sources
from hstql_resources.workers import NO_WORKERS

CONTENT = "page.json"  # what the page says, for the site
FEWEST_TO_SHARE = 4  # charts: to start workers takes as long as to draw some


def publish(
    trend: Trend,
    report: TrendReport,
    filesystem: Filesystem,
    find_links: FindLinks,
    workers: Executor = NO_WORKERS,
) -> Path:
    """Write all files of a monitor, and remove those of charts that are no more.

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
    digests = {chart.name: _digest(chart) for chart in charts}
    new = [one for one in charts if not is_drawn(_find_picture(page, one), digests[one.name])]
    submit = (NO_WORKERS if len(new) < FEWEST_TO_SHARE else workers).submit
    drawn = [
        submit(
            _draw, _leave_out_names(one), _find_picture(page, one), filesystem, digests[one.name]
        )
        for one in new
    ]
    described = describe_monitor(trend, report, judge(report), find_links)
    write_page(filesystem, page, render_monitor(trend, described, filesystem))
    write_page(filesystem, page.with_name(CONTENT), _write_content(described))
    for chart in charts:
        numbers = _find_numbers(page, chart)
        if chart in new or not numbers.is_file():
            write_page(filesystem, numbers, write_numbers(chart))
    for picture in drawn:
        picture.result()
    for path in sorted(page.parent.iterdir()):
        if path.suffix in (".png", ".csv") and path.stem not in digests:
            filesystem.remove(path)
    return page


def _write_content(page: MonitorPage) -> str:
    """Return what the page says for the site, with the exposures that lead somewhere."""
    return json.dumps({**page.content, "exposures": list(page.links)}, separators=(",", ":"))


def _leave_out_names(chart: Chart) -> Chart:
    """Return what a picture shows of a chart: a worker need not have a name for each point."""
    layers = (
        replace(one, rootnames=()) if isinstance(one, Points) else one for one in chart.layers
    )
    return replace(chart, layers=tuple(layers))


def _find_picture(page: Path, chart: Chart) -> Path:
    return page.parent / f"{chart.name}.png"


def _find_numbers(page: Path, chart: Chart) -> Path:
    return page.parent / f"{chart.name}.csv"


def _digest(chart: Chart) -> str:
    """Return a digest of all that a chart is, and of what draws it."""
    parts: list[pickle.PickleBuffer] = []
    drawing = _leave_out_names(chart)
    whole = pickle.dumps((_find_method(), drawing), protocol=5, buffer_callback=parts.append)
    digest = hashlib.sha256(whole)
    for part in parts:
        digest.update(part.raw())
    for layer in chart.layers:
        digest.update("\0".join(getattr(layer, "rootnames", ())).encode())
    return digest.hexdigest()


@cache
def _find_method() -> tuple[str, str]:
    sources = Path(chart_sources.__file__).parent.glob("*.py")
    return version("matplotlib"), digest_sources(sources)


def _draw(chart: Chart, path: Path, filesystem: Filesystem, digest: str) -> None:
    # Half a second that only those who draw should wait for.
    from hstql_assets.pages.figures import draw_chart

    save_figure(draw_chart(chart), path, filesystem, digest)

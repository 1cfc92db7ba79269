"""Write the pages about everything: tables, charts and index, each in one go.

One task, decided where the batch runs: there is one of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hstql_assets.batching.outcomes import Outcome
from hstql_assets.pages.pages import write_page
from hstql_assets.plots.index import render_index
from hstql_assets.plots.items import Item
from hstql_assets.plots.list_page import render_list
from hstql_assets.plots.registry import LIST_PAGES, sort_items
from hstql_assets.plots.summary import make_charts, render_summary
from hstql_resources.filesystem import Filesystem


@dataclass(frozen=True)
class OverviewTask:
    """Everything that there is, and where to write."""

    key: str
    items: Sequence[Item]
    filesystem: Filesystem


def write_tables(task: OverviewTask) -> Outcome:
    """Write the pages that list lightcurves, also if there are none, and the index."""
    filesystem = task.filesystem
    found = sort_items(task.items)
    for page, items in found.items():
        write_page(filesystem, page.find(filesystem), render_list(page, items, filesystem))
    lines = [f"| {page.name.replace('_', ' ')} | {len(items)} |" for page, items in found.items()]
    metadata = {
        **_write_index(task),
        "tables": LIST_PAGES[0].find(filesystem).parent,
        "lightcurves": "\n".join(["| table | lightcurves |", "|---|---|", *lines]),
    }
    return Outcome(task.key, "made", metadata=metadata)


def write_summary(task: OverviewTask) -> Outcome:
    """Write the page with the summary charts, also of nothing, and the index."""
    charts = make_charts(task.items)
    page = task.filesystem.plots / "summary.html"
    write_page(task.filesystem, page, render_summary(charts, task.filesystem))
    lines = [f"| {chart.title} | {len(chart.values)} |" for chart in charts]
    metadata = {
        **_write_index(task),
        "summary": page,
        "charts": "\n".join(["| chart | bars |", "|---|---|", *lines]),
    }
    return Outcome(task.key, "made", metadata=metadata)


def _write_index(task: OverviewTask) -> dict[str, object]:
    """Write the index: it counts what is in the tables and links the charts."""
    page = task.filesystem.plots / "index.html"
    write_page(task.filesystem, page, render_index(task.items, task.filesystem))
    return {"path": page, "products": len(task.items)}

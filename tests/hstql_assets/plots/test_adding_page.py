"""A page more that lists exposures: a new module and the registry of pages are all that changes."""

import pytest

from builders.page_reading import Page
from builders.plot_items import make_item
from hstql_assets.plots import registry
from hstql_assets.plots.list_page import ListPage
from hstql_assets.plots.overview import OverviewTask, write_tables
from hstql_resources.filesystem import Filesystem

PERIODIC = ListPage(
    "periodic",
    "Periodic exposures",
    "Neither noise nor the telescope explains their period.",
    lambda item: item.kind == "individual" and bool(item.statistics["is_periodic"]),
)


def test_a_page_in_the_registry_is_written_counted_and_linked(
    filesystem: Filesystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "LIST_PAGES", (*registry.LIST_PAGES, PERIODIC))
    items = [make_item(n, filesystem, statistics={"is_periodic": n == 2}) for n in range(1, 4)]
    outcome = write_tables(OverviewTask("all", items, filesystem))
    page = Page(filesystem.plots / "exploratory" / "periodic.html")
    assert [row[0][0] for row in page.json("rows")["rows"]] == ["A-STAR"]
    assert "| periodic | 1 |" in str(outcome.metadata["lightcurves"])
    index = (filesystem.plots / "index.html").read_text()
    assert '<a href="./exploratory/periodic.html">Periodic exposures</a>: 1. Neither noise' in index

"""The pages about everything: tables, charts, index; what is in them and where links lead."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from builders.curve_files import HOSTILE
from builders.page_reading import Page
from builders.plot_items import make_item
from hstql_assets.monitors.framework.index_page import write_index
from hstql_assets.plots.exploratory import classify
from hstql_assets.plots.items import Item
from hstql_assets.plots.overview import OverviewTask, write_summary, write_tables
from hstql_assets.plots.product_page import Product
from hstql_assets.plots.registry import sort_items
from hstql_assets.plots.summary import make_charts
from hstql_resources.filesystem import Filesystem


@pytest.fixture
def make(filesystem: Filesystem) -> Callable[..., Item]:
    return lambda number, **changes: make_item(number, filesystem, **changes)


@pytest.mark.parametrize(
    ("total", "factor", "is_variable", "table"),
    [
        (100.0, 1.0, True, "interesting"),
        (100.0, 2.1, False, "not_interesting"),  # faint, and above it the noise of a background
        (100.0, 1.2, None, "not_interesting"),
        (0.0, 5.0, True, "empty"),
        (-3.0, 5.0, True, "empty"),
        (None, None, None, "empty"),
        (100.0, None, None, "empty"),
        (math.nan, 1.5, True, "empty"),
    ],
)
def test_a_lightcurve_is_in_the_table_that_the_rule_says(
    total: float | None, factor: float | None, is_variable: bool | None, table: str
) -> None:
    row = {"total": total, "poisson_factor": factor, "is_variable": is_variable}
    assert classify(row) == table


def test_every_lightcurve_is_in_one_table(make: Callable[..., Item]) -> None:
    items = [make(i, statistics={"is_variable": i >= 12}) for i in range(20)]
    found = {page.name: listed for page, listed in sort_items(items).items()}
    assert sum(map(len, found.values())) == 20
    assert [len(found[name]) for name in ("interesting", "not_interesting", "empty")] == [8, 11, 1]


def write(task: OverviewTask) -> dict[str, Page]:
    write_tables(task)
    write_summary(task)
    plots = task.filesystem.plots
    pages = [*plots.glob("*.html"), *plots.glob("exploratory/*.html")]
    return {page.stem: Page(page) for page in pages}


def test_a_table_has_numbers_as_numbers_and_nothing_where_there_is_none(
    make: Callable[..., Item], filesystem: Filesystem
) -> None:
    statistics = {"pearson_r": math.nan, "is_periodic": True}
    items = [make(1, statistics=statistics, proposals=(100, 200, 300, 400)), make(2)]
    content = write(OverviewTask("all", items, filesystem))["not_interesting"].json("rows")
    names = [column["name"] for column in content["columns"]]
    first, second = (dict(zip(names, row, strict=True)) for row in content["rows"])
    assert first["total"] == 100.0
    assert first["configuration"] == "COS/FUV G130M 1291 PSA"
    assert (first["start"], first["proposals"]) == ("2014-12-10", "100, 200, 300 and 1 more")
    assert second["proposals"] is None
    assert first["pearson_r"] is None
    assert first["is_periodic"] == "yes"
    assert second["is_periodic"] is None
    assert first["picture"] is None  # no page was drawn
    assert first["name"] == ["ltst001zq", None]
    assert first["target"] == ["A-STAR", "../index.html#target-a-star"]
    forms = {column["name"]: column["form"] for column in content["columns"]}
    assert forms["poisson_factor"] == "number"
    assert forms["target"] == "link"


def test_a_faint_source_over_its_background_is_told_from_one_that_varies(
    make: Callable[..., Item], filesystem: Filesystem
) -> None:
    def found(number: int, variance: float | None, error: float | None) -> Item:
        excess = {"excess_variance": variance, "excess_variance_error": error}
        return make(number, statistics={"is_variable": True} | excess)

    items = [found(1, -0.354, 0.536), found(2, 0.055, 0.0037), found(3, None, None)]
    content = write(OverviewTask("all", items, filesystem))["interesting"].json("rows")
    place = [column["name"] for column in content["columns"]].index("excess_sigma")
    faint, varying, unknown = (row[place] for row in content["rows"])
    assert (faint, varying) == (pytest.approx(-0.66, abs=0.01), pytest.approx(14.9, abs=0.1))
    assert unknown is None


def test_every_link_of_every_page_leads_to_a_file(
    make: Callable[..., Item], filesystem: Filesystem, draw: Callable[..., Product]
) -> None:
    single, composite = draw(is_composite=False), draw(exposures=3)
    items = [
        make(1, kind="composite", path=composite.path, plots=composite.plots, exposures=3),
        make(1, path=single.path, plots=single.plots),
        make(2),
    ]
    monitors = write_index([], filesystem)
    pages = write(OverviewTask("all", items, filesystem))
    pages["composite"], pages["single"] = Page(composite.plots.page), Page(single.plots.page)
    assert len(pages) == 7
    for page in pages.values():
        assert [path for path in page.linked_files if not path.is_file()] == []
    rows = pages["not_interesting"].json("rows")["rows"]
    folder = filesystem.plots / "exploratory"
    assert [(folder / address).is_file() for address in rows[0][1]] == [True, True]
    index = pages["index"]
    assert {composite.plots.page, single.plots.page, monitors} <= set(index.linked_files)
    assert index.text.count("(no page yet)") == 1
    anchors = [attributes.get("id") for tag, attributes in index.elements if tag == "section"]
    assert "index.html#target-a-star" in " ".join(pages["single"].links)
    assert anchors == ["target-a-star"]


def test_hostile_names_stay_text_on_every_page(
    make: Callable[..., Item], filesystem: Filesystem
) -> None:
    configuration = ("cos", "FUV", HOSTILE, HOSTILE.replace("script", "b"), HOSTILE)
    usual = write(OverviewTask("all", [make(1)], filesystem))
    harmed = make(1, target_name=HOSTILE, configuration=(*configuration[:3], "1291", HOSTILE))
    pages = write(OverviewTask("all", [harmed], filesystem))
    for name, page in pages.items():
        assert [tag for tag, _ in page.elements] == [tag for tag, _ in usual[name].elements]
    assert HOSTILE in pages["index"].text
    assert pages["not_interesting"].json("rows")["rows"][0][0][0] == HOSTILE


def test_the_same_products_give_the_same_pages(
    make: Callable[..., Item], filesystem: Filesystem
) -> None:
    items = [make(number) for number in range(5)]

    def contents() -> dict[str, bytes]:
        pages = write(OverviewTask("all", items, filesystem))
        return {name: page.path.read_bytes() for name, page in pages.items()}

    first = contents()
    assert contents() == first
    assert "2026-01-05 00:00" in Page(filesystem.plots / "index.html").text


def test_with_nothing_to_list_there_are_pages_all_the_same(filesystem: Filesystem) -> None:
    pages = write(OverviewTask("all", [], filesystem))
    assert len(pages) == 5
    assert "never" in pages["index"].text
    assert "There is no composite of this detector." in pages["summary"].text


def test_charts_count_what_they_say(make: Callable[..., Item]) -> None:
    stis = ("stis", "FUV-MAMA", "E140M", "1425", "0.2X0.2")
    items = [
        make(1, kind="composite", exposure_s=50.0),
        make(2, kind="composite", exposure_s=70.0),
        make(3, kind="composite", target="b-star", exposure_s=100.0, configuration=stis),
        make(4),
        make(5, configuration=stis),
        make(6, configuration=("stis", "FUV-MAMA", "G130M", "1", "A")),
    ]
    charts = {chart.name: chart for chart in make_charts(items)}
    assert charts["exposure_time"].values == {"a-star": {"time": 120.0}, "b-star": {"time": 100.0}}
    assert charts["configurations_cos_fuv"].values == {"G130M 1291": {"composites": 2}}
    assert charts["configurations_stis_fuv-mama"].values == {"E140M 1425": {"composites": 1}}
    assert charts["configurations_cos_nuv"].figure is None
    assert charts["optical_elements"].values == {
        "E140M": {"stis": 1},
        "G130M": {"cos": 1, "stis": 1},
    }


def test_beyond_thirty_targets_the_chart_says_how_many_there_are(
    make: Callable[..., Item],
) -> None:
    items = [make(i, kind="composite", target=f"t{i}", exposure_s=float(i)) for i in range(1, 43)]
    chart = make_charts(items)[0]
    assert len(chart.values) == 30
    assert next(iter(chart.values)) == "t42"
    assert "12 more targets" in chart.note


def test_twenty_thousand_lightcurves_are_listed_in_seconds(
    make: Callable[..., Item], filesystem: Filesystem
) -> None:
    items = [make(number, statistics={"poisson_factor": 1.5}) for number in range(1, 20_001)]
    pages: dict[str, Path] = {}
    write_tables(OverviewTask("all", items, filesystem))
    pages["interesting"] = filesystem.plots / "exploratory" / "interesting.html"
    assert pages["interesting"].stat().st_size < 10_000_000

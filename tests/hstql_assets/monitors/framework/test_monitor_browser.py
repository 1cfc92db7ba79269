"""The page of a monitor in a real browser: plots, what appears at a point, hiding, and clicks."""

from collections.abc import Iterator

import numpy as np
import pytest

from builders.browser import Tab, open_tab
from builders.invented_charts import (
    HOSTILE,
    TIME,
    all_charts,
    chart,
    empty_charts,
    make_report,
    make_row,
    make_trend,
    names,
    trend_chart,
)
from hstql_assets.monitors.framework.index_page import write_index
from hstql_assets.monitors.framework.page import describe_monitor, render_monitor
from hstql_assets.monitors.framework.report import Verdict
from hstql_assets.monitors.framework.states import find_page
from hstql_assets.pages.charts import Axis, Chart, Points
from hstql_assets.pages.pages import publish_scripts, write_page
from hstql_resources.filesystem import Filesystem

pytestmark = pytest.mark.full

PREVIEW = "../../../previews/1/ltst0001q.jpg"


def sparse_chart() -> Chart:
    """Three points far from one another, of which the middle one has a hostile label."""
    points = Points(np.array([58000.0, 58010, 58020]), np.array([1.0, 2.0, 3.0]), HOSTILE,
                    np.full(3, 0.1), names(3), size=12)  # fmt: skip
    return chart(points, x=TIME, y=Axis(HOSTILE), name="sparse")


@pytest.fixture(scope="module")
def filesystem(tmp_path_factory: pytest.TempPathFactory) -> Filesystem:
    files = Filesystem(tmp_path_factory.mktemp("monitors") / "home with spaces & #")
    publish_scripts(files)
    trend = make_trend()
    report = make_report(
        [sparse_chart(), *all_charts()], [Verdict("limit", HOSTILE, "alarm", HOSTILE)]
    )
    page = describe_monitor(trend, report, "alarm", lambda _: {"ltst0001q": PREVIEW})
    write_page(files, find_page(files, trend.name), render_monitor(trend, page, files))
    write_index([make_row(trend, report, None)], files)
    return files


@pytest.fixture(scope="module")
def tab(filesystem: Filesystem) -> Iterator[Tab]:
    with open_tab() as opened:
        opened.open(find_page(filesystem, "dark_rate_monitor"))
        yield opened


FIND = (
    "const find = view => view.model.name === 'NAME' && view.frame ? view"
    " : [...view.child_views || []].map(find).find(Boolean);"
    " const view = Bokeh.index.roots.map(find).find(Boolean);"
)


def ask(tab: Tab, name: str, script: str) -> object:
    return tab.run(f"(() => {{ {FIND.replace('NAME', name)} {script} }})()")


def place(tab: Tab, name: str, x: float, y: float) -> tuple[float, float]:
    """Where a point of a plot is in the window, px."""
    found = ask(
        tab, name,
        "view.el.scrollIntoView({block: 'center'}); const box = view.el.getBoundingClientRect();"
        f" return [box.left + view.frame.x_scale.compute({x}),"
        f" box.top + view.frame.y_scale.compute({y})];",
    )  # fmt: skip
    assert isinstance(found, list)
    return found[0], found[1]


def test_all_plots_are_there_without_an_error_and_nothing_is_asked_from_elsewhere(tab: Tab) -> None:
    shown = len(all_charts()) + 1 - len(empty_charts())
    assert tab.run("Bokeh.documents.length") == shown
    assert tab.errors == []
    assert all(request.startswith(("file:", "data:", "blob:")) for request in tab.requests)
    heights = tab.run("[...document.querySelectorAll('div.figure')].map(one => one.offsetHeight)")
    assert len(heights) == shown
    assert min(heights) > 300


def test_the_points_of_a_trend_are_visible(tab: Tab) -> None:
    layer = trend_chart().layers[1]
    assert isinstance(layer, Points)
    x, y = place(tab, "dark_rate_trend", layer.x[5], layer.y[5])
    picture = ask(
        tab, "dark_rate_trend",
        "const data = view.canvas_view.to_blob ? view.canvas_view.primary.canvas : null;"
        " const box = view.el.getBoundingClientRect(), ratio = data.width / box.width;"
        f" return [...data.getContext('2d').getImageData(({x} - box.left) * ratio,"
        f" ({y} - box.top) * ratio, 1, 1).data];",
    )  # fmt: skip
    assert picture == [0x44, 0x77, 0xAA, 255]


def test_a_click_on_the_legend_hides_points_with_bars_and_rings(tab: Tab) -> None:
    place(tab, "dark_rate_trend", 58000.0, 1e-6)
    count = "return view.model.renderers.filter(one => one.visible).length;"
    before = ask(tab, "dark_rate_trend", count)
    assert before == 7
    spot = ask(
        tab, "dark_rate_trend",
        "const all = node => [...node.querySelectorAll('*')].flatMap(e =>"
        " [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])]);"
        " const item = all(view.shadow_el).find(e =>"
        " e.classList.contains('bk-item') && e.textContent === 'FUVB');"
        " const box = item.getBoundingClientRect(); return [box.left + 5, box.top + 5];",
    )  # fmt: skip
    assert isinstance(spot, list)
    for expected in (4, 7):
        tab.drag((spot[0], spot[1]), (spot[0], spot[1]))
        tab.run("new Promise(done => setTimeout(done, 300))")
        assert ask(tab, "dark_rate_trend", count) == expected


def read_tips(tab: Tab) -> str:
    return str(tab.run(
        "(() => { const seek = node => [...node.querySelectorAll('*')].flatMap(e =>"
        " [...(e.classList.contains('bk-Tooltip') && e.shadowRoot"
        " ? [e.shadowRoot.textContent + e.innerText] : []),"
        " ...(e.shadowRoot ? seek(e.shadowRoot) : [])]); return seek(document).join(' '); })()"
    ))  # fmt: skip


def test_pointing_at_an_exposure_tells_what_it_is_as_text(tab: Tab) -> None:
    x, y = place(tab, "sparse", 58010.0, 2.0)
    text = ""
    for step in range(60):
        tab.point(x - 3 + step % 5, y + step % 3)
        text = read_tips(tab)
        if "ltst0001q" in text:
            break
    for part in ("ltst0001q", "58010.0000", "2017-09-14 00:00:00", "0.1", HOSTILE):
        assert part in text
    assert tab.run("document.querySelectorAll('img:not(.printed)').length") == 0
    assert tab.errors == []


@pytest.mark.parametrize(("x", "y", "opened"), [(58010.0, 2.0, [PREVIEW]), (58020.0, 3.0, [])])
def test_a_click_on_a_point_opens_its_exposure_where_there_is_one(
    tab: Tab, x: float, y: float, opened: list[str]
) -> None:
    tab.run(
        "(() => { window.opened = []; window.open = address => window.opened.push(address); })()"
    )
    place(tab, "sparse", x, y)
    tab.run("new Promise(done => setTimeout(done, 300))")
    spot = place(tab, "sparse", x, y)
    for _ in range(2):
        tab.drag(spot, spot)
        tab.run("new Promise(done => setTimeout(done, 400))")
    assert tab.run("window.opened") == opened * 2
    assert tab.errors == []


def test_the_index_leads_to_the_page(tab: Tab, filesystem: Filesystem) -> None:
    index = filesystem.plots / "monitors" / "index.html"
    tab.ask("Page.navigate", url=index.as_uri())
    tab.wait_for("document.readyState === 'complete' && document.querySelector('td a') !== null")
    address = tab.run("document.querySelector('td a').href")
    assert address == find_page(filesystem, "dark_rate_monitor").as_uri() + "#limits"
    colours = "getComputedStyle(document.querySelector('td .state')).backgroundColor"
    assert tab.run(colours) == "rgb(184, 29, 29)"

"""Every kind of page in a real browser: sorting, searching, zooming, and nothing from elsewhere."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builders.browser import Tab, open_tab
from builders.curve_files import HOSTILE, Curve, write_curve
from hstql_assets.pages.pages import publish_scripts
from hstql_assets.plots.drawing import draw_product
from hstql_assets.plots.items import LISTED, Item
from hstql_assets.plots.overview import OverviewTask, write_summary, write_tables
from hstql_assets.plots.product_page import Product
from hstql_resources.filesystem import Filesystem

pytestmark = pytest.mark.full

MADE = datetime(2026, 1, 1, tzinfo=UTC)
CONFIGURATION = ("cos", "FUV", "G130M", "1291", "PSA")
HOSTILE_ROOTNAME = "<img src=x onerror=alert(1)>"


def make_composite(filesystem: Filesystem) -> Item:
    name = "hlsp_hstlc_hst_cos-fuv_a-star_g130m_1291_psa_v1_sci.fits"
    path = filesystem.home / "products" / "composites" / name
    curve = Curve(
        exposures=3, target_name=HOSTILE, rootnames=("ltst001zq", HOSTILE_ROOTNAME, "ltst003zq"),
        apart_d=0.1, dead=(20, 25),
    )  # fmt: skip
    write_curve(path, curve)
    product = Product(path, "a-star", filesystem.composite_plots(name), {"total": 10800.0})
    draw_product(product, filesystem)
    statistics = dict.fromkeys(LISTED) | {"total": 10800.0, "poisson_factor": 1.5}
    return Item(
        kind="composite", target="a-star", target_name=HOSTILE, path=path, plots=product.plots,
        configuration=CONFIGURATION, exposures=3, exposure_s=360.0, start_mjd=57000.0,
        made_at=MADE, statistics=statistics | {"is_variable": True},
    )  # fmt: skip


def make_individual(number: int, filesystem: Filesystem) -> Item:
    rootname = f"lone{number:04d}q"
    factor = None if number == 7 else 1.2 + (number * 37 % 250) / 10
    total = 0.5 if factor is None else 900.0
    statistics = dict.fromkeys(LISTED) | {
        "total": total, "poisson_factor": factor or 2.0, "pearson_r": factor,
    }  # fmt: skip
    return Item(
        kind="individual", target=f"star-{number % 5}", target_name=f"STAR-{number % 5}",
        path=filesystem.lightcurve(f"star-{number % 5}", rootname),
        plots=filesystem.lightcurve_plots(f"star-{number % 5}", rootname),
        configuration=CONFIGURATION, exposures=1, exposure_s=100.0 + number, start_mjd=57000.0,
        made_at=MADE, statistics=statistics | {"is_variable": True},
    )  # fmt: skip


@pytest.fixture(scope="module")
def filesystem(tmp_path_factory: pytest.TempPathFactory) -> Filesystem:
    """Pages of one composite and 250 lightcurves, of which only their rows exist."""
    files = Filesystem(tmp_path_factory.mktemp("pages") / "home with spaces & #")
    publish_scripts(files)
    items = [make_composite(files), *(make_individual(number, files) for number in range(250))]
    task = OverviewTask("all", items, files)
    write_tables(task)
    write_summary(task)
    return files


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with open_tab() as opened:
        yield opened


@pytest.fixture
def table(tab: Tab, filesystem: Filesystem) -> Tab:
    tab.open(filesystem.plots / "exploratory" / "interesting.html")
    return tab


def column(tab: Tab, number: int) -> list[str]:
    cells = f"[...document.querySelectorAll('tbody tr')].map(row => row.cells[{number}].innerText)"
    return tab.run(cells)


def find_column(tab: Tab, label: str) -> int:
    heads = tab.run("[...document.querySelectorAll('th')].map(head => head.innerText.trim())")
    return next(i for i, head in enumerate(heads) if head.startswith(label))


def sort_by(tab: Tab, number: int) -> None:
    tab.run(f"document.querySelectorAll('th')[{number}].querySelector('button').click()")


def search(tab: Tab, words: str) -> None:
    tab.run(
        f"(() => {{ const box = document.getElementById('search'); box.value = '{words}';"
        " box.dispatchEvent(new Event('input')); })()"
    )


def composite_page(filesystem: Filesystem) -> Path:
    return next(filesystem.plots.glob("composites/*.html"))


def pages(filesystem: Filesystem) -> list[Path]:
    return sorted(path for path in filesystem.plots.rglob("*.html"))


def test_no_page_has_an_error_or_asks_for_anything_elsewhere(
    tab: Tab, filesystem: Filesystem
) -> None:
    found = [page for page in pages(filesystem) if "was not made yet" not in page.read_text()]
    assert (len(found), len(pages(filesystem))) == (6, 8)
    for page in found:
        tab.open(page)
        tab.run("new Promise(done => setTimeout(done, 300))")
        assert tab.errors == [], page
        assert all(url.startswith(("file://", "data:")) for url in tab.requests), tab.requests
        assert tab.run("document.querySelectorAll('script[src]').length") > 0
        assert tab.run("document.querySelectorAll('img[onerror]').length") == 0


def test_a_click_on_a_head_sorts_numbers_as_numbers_with_missing_ones_last(table: Tab) -> None:
    number = find_column(table, "Pearson r")
    sort_by(table, number)
    falling = column(table, number)
    assert [float(value) for value in falling] == sorted(map(float, falling), reverse=True)
    assert float(falling[0]) > 25
    sort_by(table, number)
    rising = [float(value) for value in column(table, number)]
    assert rising == sorted(rising)
    assert rising[0] < 2
    for _ in range(2):
        table.run("document.getElementById('next').click()")
    assert column(table, number)[-2:] == ["", ""]  # the composite, and number 7
    assert table.run("document.getElementById('next').disabled") is True


def test_the_search_leaves_rows_with_all_the_words(table: Tab) -> None:
    assert "251 of 251, page 1 of 3" in table.run("document.getElementById('count').innerText")
    search(table, "STAR-3 g130m")
    assert table.run("document.getElementById('count').innerText").startswith("50 of 251")
    assert set(column(table, 0)) == {"STAR-3"}
    search(table, "lone0003")
    assert len(column(table, 0)) == 1
    search(table, "no such thing")
    assert column(table, 0) == []


def test_the_kind_leaves_only_composites(table: Tab) -> None:
    table.run(
        "(() => { const kind = document.getElementById('kind'); kind.value = 'composite';"
        " kind.dispatchEvent(new Event('change')); })()"
    )
    assert column(table, 0) == [HOSTILE]
    assert table.run("document.querySelector('tbody img').naturalWidth") in (0, 240)
    table.wait_for("document.querySelector('tbody img').naturalWidth === 240")
    address = table.run("document.querySelector('tbody .picture a').href")
    assert address.endswith("_sci.html")


def test_the_search_of_the_index_hides_other_targets(tab: Tab, filesystem: Filesystem) -> None:
    tab.open(filesystem.plots / "index.html")
    count = "document.getElementById('count').innerText"
    assert tab.run(count) == "6 of 6 targets"
    search(tab, "lone0004")
    assert tab.run(count) == "1 of 6 targets"
    shown = "[...document.querySelectorAll('section')].filter(s => !s.hidden).map(s => s.id)"
    assert tab.run(shown) == ["target-star-4"]


@pytest.fixture
def panels(tab: Tab, filesystem: Filesystem) -> Tab:
    tab.open(composite_page(filesystem))
    tab.wait_for("Bokeh.documents.length === 1")
    tab.wait_for("isFinite(Bokeh.documents[0].get_model_by_name('net').x_range.start)")
    return tab


def x_ranges(tab: Tab) -> list[list[float]]:
    return tab.run(
        "['gross', 'net', 'flux', 'error', 'background'].map(name => {"
        " const range = Bokeh.documents[0].get_model_by_name(name).x_range;"
        " return [range.start, range.end]; })"
    )


def frame(tab: Tab, name: str) -> list[float]:
    """Left, top, width and height of a panel in the window, px."""
    script = (
        "(() => { const find = view => view.model.name === 'PANEL' ? view"
        " : [...view.child_views || []].map(find).find(Boolean);"
        " const panel = Bokeh.index.roots.map(find).find(Boolean);"
        " panel.el.scrollIntoView({block: 'center'});"
        " const box = panel.el.getBoundingClientRect(), inner = panel.frame.bbox;"
        " return [box.left + inner.left, box.top + inner.top, inner.width, inner.height]; })()"
    )
    return tab.run(script.replace("PANEL", name))


def test_a_box_in_one_panel_zooms_all_of_them(panels: Tab) -> None:
    before = x_ranges(panels)
    assert len({tuple(limits) for limits in before}) == 1
    left, top, width, height = frame(panels, "net")
    panels.drag((left + 0.1 * width, top + 0.2 * height), (left + 0.4 * width, top + 0.8 * height))
    panels.wait_for(
        "Bokeh.documents[0].get_model_by_name('flux').x_range.start"
        f" > {before[0][0] + 0.05 * (before[0][1] - before[0][0])}"
    )
    after = x_ranges(panels)
    assert len({tuple(limits) for limits in after}) == 1
    start, end = before[0]
    assert (after[0][1] - after[0][0]) / (end - start) == pytest.approx(0.3, abs=0.05)


def test_a_hidden_exposure_loses_its_points_and_gets_them_back(panels: Tab) -> None:
    shown = (
        "(() => { const {dataset, net} = Bokeh.documents[0].get_model_by_name('bins').data;"
        " const found = {}; dataset.forEach((d, i) => {"
        " if (isFinite(net[i])) found[d] = (found[d] || 0) + 1; }); return found; })()"
    )
    assert panels.run(shown) == {"1": 55, "2": 55, "3": 55}
    panels.run("document.querySelector('input[data-dataset=\"2\"]').click()")
    assert panels.run(shown) == {"1": 55, "3": 55}
    panels.run("document.getElementById('show-none').click()")
    assert panels.run(shown) == {}
    panels.run("document.getElementById('show-all').click()")
    assert panels.run(shown) == {"1": 55, "2": 55, "3": 55}


def test_a_button_zooms_to_an_exposure(panels: Tab) -> None:
    panels.run("document.querySelector('button[data-zoom=\"2\"]').click()")
    start, end = x_ranges(panels)[0]
    assert 57000.099 < start < 57000.1 < 57000.1013 < end < 57000.103


def test_pointing_at_a_bin_tells_exposure_time_and_value_as_text(panels: Tab) -> None:
    panels.run("document.querySelector('button[data-zoom=\"2\"]').click()")
    panels.run("new Promise(done => setTimeout(done, 300))")
    left, top, width, height = frame(panels, "net")
    tips = (
        "(() => { const seek = node => [...node.querySelectorAll('*')].flatMap(e =>"
        " [...(e.classList.contains('bk-Tooltip') && e.shadowRoot"
        " ? [e.shadowRoot.textContent + e.innerText] : []),"
        " ...(e.shadowRoot ? seek(e.shadowRoot) : [])]); return seek(document).join(' '); })()"
    )
    text = ""
    for step in range(200):
        x = left + width * (0.05 + 0.9 * step / 200)
        for part in (0.3, 0.5, 0.7):
            panels.point(x, top + part * height)
        text = panels.run(tips)
        if HOSTILE_ROOTNAME in text:
            break
    assert f"2, {HOSTILE_ROOTNAME}" in text
    assert "2014-12-09 02:2" in text
    assert "net (counts/s)" in text
    assert panels.errors == []


def test_axes_tell_their_units(panels: Tab) -> None:
    labels = panels.run(
        "['gross', 'net', 'flux', 'error', 'background'].map(name =>"
        " Bokeh.documents[0].get_model_by_name(name).left[0].axis_label)"
    )
    assert labels[1] == "net\n(counts/s)"
    assert labels[2] == "flux\n(erg/s/cm²/Å)"
    below = "Bokeh.documents[0].get_model_by_name('background').below[0].axis_label"
    assert panels.run(below) == "time, MJD (UTC)"

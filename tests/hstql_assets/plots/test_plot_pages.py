"""The page of a lightcurve: what it says, and that nothing in a header can harm it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.models import GridPlot

from builders.curve_files import HOSTILE
from builders.page_reading import Page
from hstql_assets.batching.bad_data import BadData
from hstql_assets.lightcurves.table import read_curve_table
from hstql_assets.plots import panels
from hstql_assets.plots.drawing import (
    CompositePlotTask,
    PlotTask,
    draw_product,
    plot_composites,
    plot_lightcurve,
)
from hstql_assets.plots.product_page import Product
from hstql_resources.filesystem import Filesystem

Draw = Callable[..., Product]
PANELS = ["gross", "net", "flux", "error", "background"]


def panel_names(page: Page) -> list[str]:
    found = []

    def visit(value: object) -> None:
        if isinstance(value, dict):
            if value.get("name") == "Figure":
                found.append(value["attributes"]["name"])
            for inner in value.values():
                visit(inner)
        elif isinstance(value, list):
            for inner in value:
                visit(inner)

    visit(page.json("panels"))
    return found


def test_a_page_tells_what_the_lightcurve_is_of(draw: Draw) -> None:
    page = Page(
        draw(exposures=2, cards={"PROPOSID": "MULTI", "PROPOS01": 1, "PROPOS02": 22}).plots.page
    )
    for words in (
        "A-STAR, composite lightcurve",
        "COS/FUV G130M 1291 PSA 1150-1400 Å",
        "1, 22",
        "2014-12-09 00:00:00",
        "240.0 s",
        "3600 counts",
        "0.98",
        "ltst001zq",
        "ltst002zq",
    ):
        assert words in page.text
    assert "Simulated" not in page.text


def test_simulated_data_say_so(draw: Draw) -> None:
    assert "Simulated data." in Page(draw(cards={"SIMULATD": True}).plots.page).text


def test_a_page_without_statistics_says_so(draw: Draw, filesystem: Filesystem) -> None:
    product = draw(is_composite=False)
    outcome = plot_lightcurve(PlotTask("ltst001zq", product.path, filesystem))
    assert outcome.status == "made"
    assert "There are none yet." in Page(product.plots.page).text


@pytest.mark.parametrize("is_composite", [True, False])
def test_the_panels_hold_the_numbers_of_the_file(is_composite: bool, draw: Draw) -> None:
    product = draw(is_composite=is_composite)
    page, table = Page(product.plots.page), read_curve_table(product.path)
    assert panel_names(page) == PANELS
    shown = page.arrays
    assert np.array_equal(shown["mjd"], table.mjd_centre)
    for name in PANELS:
        assert np.allclose(shown[name], getattr(table, name), rtol=1e-6)


def test_lines_are_broken_at_gaps_and_between_exposures(draw: Draw) -> None:
    shown = Page(draw(exposures=3, bins=20, dead=(5, 8)).plots.page).arrays
    for name in PANELS:
        is_gap = np.isnan(shown[name])
        assert is_gap.sum() == 3 * 3 + 2
        changes = np.flatnonzero(np.diff(shown["dataset"]))
        assert (is_gap[changes] | is_gap[changes + 1]).all()


def test_without_a_flux_there_is_no_panel_of_it(draw: Draw) -> None:
    page = Page(draw(has_flux=False).plots.page)
    assert panel_names(page) == [name for name in PANELS if name != "flux"]
    assert "There is no flux" in page.text


def test_of_very_many_bins_means_are_shown_and_the_page_says_so(
    draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hstql_assets.plots.panels.MOST_POINTS", 1000)
    page = Page(draw(exposures=50, bins=100).plots.page)
    assert "the mean of up to 5 bins of an exposure (10 s)" in page.text
    assert len(page.arrays["mjd"]) == 50 * 20 + 49


@pytest.mark.parametrize("number", [60, pytest.param(500, marks=pytest.mark.full)])
def test_a_composite_of_500_exposures_lists_them_once_and_stays_small(
    draw: Draw, number: int
) -> None:
    product = draw(exposures=number, bins=1400)
    page = Page(product.plots.page)
    boxes = [a for tag, a in page.elements if tag == "input" and a.get("type") == "checkbox"]
    assert [box["data-dataset"] for box in boxes] == [str(i) for i in range(1, number + 1)]
    assert len(page.arrays["mjd"]) <= panels.MOST_POINTS + 1000
    assert product.plots.page.stat().st_size < 3_000_000


@pytest.mark.parametrize("is_composite", [True, False])
def test_a_hostile_name_stays_text(is_composite: bool, draw: Draw) -> None:
    exposures = 2 if is_composite else 1
    harmless = draw(is_composite=is_composite, exposures=exposures)
    usual = [tag for tag, _ in Page(harmless.plots.page).elements]
    names = ("</script><img src=x onerror=alert(1)>", "{{ 7 * 7 }}")
    product = draw(
        is_composite=is_composite,
        exposures=exposures,
        target_name=HOSTILE,
        rootnames=names if is_composite else (),
        cards=dict.fromkeys(["APERTURE", "DETECTOR"], HOSTILE),
    )
    page = Page(product.plots.page)
    assert [tag for tag, _ in page.elements] == usual
    assert HOSTILE in page.text
    if is_composite:
        assert page.json("exposures") == list(names)
        assert names[0] in page.text


@pytest.mark.parametrize("is_composite", [True, False])
def test_every_link_is_relative_and_leads_to_a_file(is_composite: bool, draw: Draw) -> None:
    page = Page(draw(is_composite=is_composite).plots.page)
    assert [path for path in page.linked_files if not path.is_file()] == []
    assert {path.suffix for path in page.linked_files} >= {".fits", ".png", ".js", ".css", ".html"}


def test_a_composite_links_the_pages_of_its_exposures_that_there_are(draw: Draw) -> None:
    own = draw(is_composite=False).plots.page
    page = Page(draw(exposures=2).plots.page)
    assert own in page.linked_files
    assert not any("ltst002zq" in address for address in page.links)


def test_the_page_of_an_exposure_leads_to_its_spectra_in_time_where_there_are_any(
    draw: Draw, filesystem: Filesystem
) -> None:
    product = draw(is_composite=False)
    picture = filesystem.time_resolved_picture("ltst001zq")
    assert picture not in Page(product.plots.page).linked_files
    picture.parent.mkdir(parents=True)
    picture.touch()
    assert picture in Page(draw(is_composite=False).plots.page).linked_files


@pytest.mark.parametrize("has_flux", [True, False])
def test_bokeh_itself_reads_the_panels(has_flux: bool, draw: Draw) -> None:
    page = Page(draw(is_composite=False, has_flux=has_flux).plots.page)
    document = Document.from_json(page.json("panels")["doc"])  # refuses what it does not know
    document.validate()
    (grid,) = document.roots
    assert isinstance(grid, GridPlot)
    assert len(grid.children) == 4 + has_flux


def test_the_same_lightcurve_gives_the_same_files(draw: Draw) -> None:
    def contents() -> list[bytes]:
        plots = draw(bins=200, exposures=3, law=eclipses).plots
        return [path.read_bytes() for path in plots]

    first = contents()
    draw(is_composite=False, has_flux=False, rootnames=("other",))
    assert contents() == first


def test_scripts_are_beside_the_pages_and_not_in_them(draw: Draw, filesystem: Filesystem) -> None:
    product = draw()
    scripts = {path.name: path.stat().st_size for path in (filesystem.plots / "scripts").iterdir()}
    assert scripts[f"bokeh-{panels_version()}.min.js"] > 1_000_000
    assert product.plots.page.stat().st_size < 40_000


def panels_version() -> str:
    import bokeh

    return bokeh.__version__


def eclipses(t: np.ndarray) -> np.ndarray:
    return np.where(t % 40 < 8, 0.1, 1.0)


def flare(t: np.ndarray) -> np.ndarray:
    return np.asarray(1 + 5 * np.where(t > 300, np.exp(-np.maximum(t - 300, 0) / 30), 0))


def test_a_periodic_source_has_a_fold_and_loses_it_with_its_period(draw: Draw) -> None:
    product = draw(is_composite=False, bins=400, law=eclipses)
    assert product.plots.fold.is_file()
    assert product.plots.fold in Page(product.plots.page).linked_files
    product = draw(is_composite=False, bins=400)
    assert not product.plots.fold.exists()
    assert "Fold" not in Page(product.plots.page).text


def test_a_flare_is_a_row_of_the_page_and_a_mark_in_its_panels(draw: Draw) -> None:
    page = Page(draw(is_composite=False, bins=400, law=flare).plots.page)
    assert "Flares" in page.text
    assert "2014-12-09 00:0" in page.text.split("Flares")[1]
    assert '"VStrip"' in page.path.read_text()
    quiet = Page(draw(is_composite=False, bins=400).plots.page)
    assert "Flares" not in quiet.text


def test_too_few_bins_have_no_periodogram_and_lose_that_of_before(draw: Draw) -> None:
    assert draw().plots.periodogram.is_file()
    product = draw(bins=5)
    assert not product.plots.periodogram.exists()
    assert "periodogram" not in Page(product.plots.page).text.lower()


def test_a_file_that_cannot_be_read_is_bad_and_its_old_plots_go(
    draw: Draw, filesystem: Filesystem
) -> None:
    product = draw(is_composite=False, bins=400, law=eclipses)
    assert all(path.is_file() for path in product.plots)
    product.path.write_bytes(product.path.read_bytes()[:4000])
    outcome = plot_lightcurve(PlotTask("ltst001zq", product.path, filesystem))
    assert outcome.status == "bad"
    assert product.path.name in (outcome.reason or "")
    assert not any(path.exists() for path in product.plots)


def test_one_bad_composite_of_a_target_does_not_stop_the_others(
    draw: Draw, filesystem: Filesystem, tmp_path: Path
) -> None:
    good = draw()
    broken = tmp_path / "hlsp_broken.fits"
    broken.write_bytes(b"no FITS file")
    bad = Product(broken, "a-star", filesystem.composite_plots(broken.name))
    with pytest.raises(BadData):
        draw_product(bad, filesystem)
    outcome = plot_composites(CompositePlotTask("a-star", (bad, good), filesystem))
    assert outcome.status == "made"
    assert [file.filename for file in outcome.bad_files] == ["hlsp_broken.fits"]
    alone = plot_composites(CompositePlotTask("a-star", (bad,), filesystem))
    assert alone.status == "bad"

"""The site of the documentation, as `make docs` builds it: no warning, whole, and for the disk."""

import os
import subprocess
from pathlib import Path

import pytest

from builders.browser import open_tab
from builders.pages_of_docs import DOCS, PAGES
from builders.station import BIN, Station
from hstql_assets.commands.cli import main
from hstql_assets.orchestration.asset_list import build_assets
from hstql_resources import tables
from hstql_resources.settings import Settings

STRICT = ("--fail-on-warning", "--keep-going", "--quiet")


@pytest.fixture(scope="module")
def site(demo: Station, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages and the manual, with every tutorial run from top to bottom."""
    folder = tmp_path_factory.mktemp("site")
    environment = demo.environment(PATH=f"{BIN}:{os.environ['PATH']}")
    for form in ("html", "man"):
        words = [*STRICT, "-b", form, "-d", str(folder / "trees"), str(DOCS), str(folder / form)]
        done = subprocess.run(
            [str(BIN / "sphinx-build"), *words], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.full
def test_every_page_is_built(site: Path) -> None:
    missing = [
        page.stem
        for page in PAGES
        if not (site / "html" / page.relative_to(DOCS).with_suffix(".html")).is_file()
    ]
    assert missing == []


@pytest.mark.full
def test_the_reference_has_everything_that_is_declared(site: Path) -> None:
    pages = {
        name: (site / "html" / "generated" / f"{name}.html").read_text()
        for name in ("settings", "commands", "tables", "graph", "modules")
    }
    for table in tables.Base.metadata.tables.values():
        assert f'id="{table.name.replace("_", "-")}"' in pages["tables"], table.name
        assert all(f">{column.name}<" in pages["tables"] for column in table.columns)
    for asset in build_assets():
        assert all(f">{key.to_user_string()}<" in pages["graph"] for key in asset.keys)
    assert all(f"hstql {name}" in pages["commands"] for name in main.commands)
    assert all(name.upper() in pages["settings"].upper() for name in Settings.model_fields)
    assert "hstql_assets.lightcurves.extraction" in pages["modules"]


@pytest.mark.full
def test_the_manual_has_every_command(site: Path) -> None:
    manual = (site / "man" / "hstql.1").read_text().replace("\\", "")
    assert all(f"hstql {name}" in manual for name in main.commands)


@pytest.mark.full
def test_search_works_from_the_disk_and_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    with open_tab() as tab:
        address = (site / "html" / "search.html").as_uri()
        tab.ask("Page.navigate", url=f"{address}?q=airglow")
        tab.wait_for("document.querySelectorAll('#search-results li a').length > 3")
        found = tab.run(
            "Array.from(document.querySelectorAll('#search-results li a'), a => a.textContent)"
        )
        assert any("Lightcurves" in title for title in found)
        assert [one for one in tab.requests if not one.startswith(("file:", "data:"))] == []

"""What the pages have their reader type works on the demo."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from builders.pages_of_docs import DOCS, PAGES, read_console, read_python, read_statements
from builders.places import make_home_folder
from builders.station import BIN, Station
from hstql_resources.postgres.server import EmbeddedPostgres

# Tutorials are run as wholes when the site is built.
WITH_SQL = [page for page in PAGES if page.parent == DOCS and read_statements(page)]


@pytest.mark.full
@pytest.mark.parametrize("page", WITH_SQL, ids=lambda page: page.stem)
def test_each_statement_of_a_page_has_an_answer(page: Path, demo: Station) -> None:
    for sql in read_statements(page):
        done = demo.hstql("query", sql)
        assert done.returncode == 0, f"{sql}\n{done.stderr}"


@pytest.fixture
def folder() -> Path:
    """A working folder with the place of a home in it; its path is short, for the socket."""
    folder = make_home_folder()
    yield folder
    EmbeddedPostgres(folder / "home").stop()
    shutil.rmtree(folder)


@pytest.mark.full
def test_who_follows_the_first_page_gets_a_lightcurve_of_own_files(
    demo: Station, folder: Path
) -> None:
    page = DOCS / "start.md"
    places = {"/data/hstql": str(folder / "home"), "/data/hst": str(demo.home / "files")}
    script = "\n".join(["set -e", *read_console(page)])
    for said, place in places.items():
        script = script.replace(said, place)
    environment = demo.environment(PATH=f"{BIN}:{os.environ['PATH']}")
    done = subprocess.run(
        ["bash", "-c", script], env=environment, cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything is up to date." in done.stdout
    assert (folder / "home" / "plots" / "index.html").is_file()
    shown = subprocess.run(
        [sys.executable, "-c", read_python(page)], cwd=folder, capture_output=True, text=True
    )
    assert shown.returncode == 0, shown.stderr
    assert "flux_error" in shown.stdout

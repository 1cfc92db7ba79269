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


def type_lines(
    station: Station, folder: Path, lines: list[str], archive: Path, **names: str
) -> subprocess.CompletedProcess[str]:
    """Have a shell run the lines of a page on the files of an archive, with exposures of it."""
    script = "\n".join(lines)
    places = {"/data/hstql": str(folder / "home"), "/data/hst": str(archive)}
    for said, real in (places | names).items():
        script = script.replace(said, real)
    environment = station.environment(PATH=f"{BIN}:{os.environ['PATH']}")
    return subprocess.run(
        ["bash", "-c", script], env=environment, cwd=folder, capture_output=True, text=True
    )


@pytest.mark.full
def test_who_follows_the_first_page_gets_a_lightcurve_of_own_files(
    demo: Station, folder: Path
) -> None:
    page = DOCS / "start.md"
    done = type_lines(demo, folder, ["set -e", *read_console(page)], demo.home / "files")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything is up to date." in done.stdout
    assert (folder / "home" / "plots" / "index.html").is_file()
    shown = subprocess.run(
        [sys.executable, "-c", read_python(page)], cwd=folder, capture_output=True, text=True
    )
    assert shown.returncode == 0, shown.stderr
    assert "flux_error" in shown.stdout


@pytest.mark.full
def test_who_follows_it_with_real_files_gets_what_they_have(
    folder: Path, real_archive: Path
) -> None:
    """Without the demo: from the first lightcurve on. A file that is bad stops nothing."""
    typed = read_console(DOCS / "start.md")
    own = next(number for number, line in enumerate(typed) if line.startswith("hstql lightcurve"))
    names = {"ls00/": "ld9m/", "ls000101q": "ld9m10ujq", "ls000201q": "odlm18040"}
    station = Station(folder / "home")
    done = type_lines(station, folder, typed[own:], real_archive, **names)
    assert "1362 events" in done.stdout
    assert "99 observations were taken" in done.stdout
    assert "odlm18040 stis/lightcurves bad" in done.stdout + done.stderr
    assert (folder / "home" / "plots" / "index.html").is_file()
    told = station.run("hstql", "query", "SELECT DISTINCT instrument FROM observations").stdout
    assert all(name in told for name in ("acs", "cos", "stis", "wfc3")), told

"""Render pages: templates, links between files, and the scripts that lie beside the pages.

All text goes through the templates, which escape it; no page asks for anything that is not under
the folder of the plots.
"""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import bokeh
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hstql_assets.pages.exposure_links import link_names
from hstql_resources.filesystem import Filesystem

HERE = Path(__file__).parent
STATIC = ("style.css", "theme.js", "panels.js", "monitor_links.js", "table.js", "index.js")
BOKEH = f"bokeh-{bokeh.__version__}.min.js"
# Links of every page: places under the folder of the plots, and what they are called.
NAVIGATION = (
    ("index.html", "Targets"),
    ("exploratory/interesting.html", "Interesting"),
    ("exploratory/not_interesting.html", "Not interesting"),
    ("exploratory/empty.html", "Empty"),
    ("summary.html", "Summary"),
    ("monitors/index.html", "Monitors"),
    ("monitors/images/index.html", "Cameras"),
)


def render(template: str, page: Path, plots: Path, title: str, **content: Any) -> str:
    """Return a page, as HTML.

    Parameters
    ----------
    template : str
        Name of a template.
    page : Path
        Where the page will be.
    plots : Path
        The folder of all plots.
    title : str
        Title of the page.
    **content
        What the template asks for.
    """
    root = os.path.relpath(plots, page.parent).replace(os.sep, "/") + "/"
    return _environment().get_template(template).render(root=root, title=title, **content)


def write_page(filesystem: Filesystem, page: Path, html: str) -> None:
    """Write a page, all at once."""
    with filesystem.write(page) as temporary:
        temporary.write_text(html, encoding="utf-8")


def link(path: Path, page: Path) -> str:
    """Return the address of a file for a link on a page, relative and quoted."""
    address = quote(os.path.relpath(path, page.parent).replace(os.sep, "/"))
    # A first part with a colon would be taken for the name of a protocol.
    return address if address.startswith("..") else f"./{address}"


def publish_scripts(filesystem: Filesystem) -> None:
    """Put scripts and style sheet beside the pages, where they are not there already.

    Bokeh's own is named after its version, for an old page needs the old one. The pages to which
    every page leads say that they are not made yet, until they are.
    """
    scripts = filesystem.plots / "scripts"
    sources = {name: HERE / "static" / name for name in STATIC}
    sources[BOKEH] = Path(bokeh.__file__).parent / "server" / "static" / "js" / "bokeh.min.js"
    for name, source in sources.items():
        content = source.read_bytes()
        path = scripts / name
        if not path.is_file() or path.read_bytes() != content:
            with filesystem.write(path) as temporary:
                temporary.write_bytes(content)
    for place, name in NAVIGATION:
        page = filesystem.plots / place
        if not page.exists():
            _hold_place(filesystem, page, name)


def _hold_place(filesystem: Filesystem, page: Path, name: str) -> None:
    filesystem.make_folder(page.parent)
    html = render("not_made.html", page, filesystem.plots, name, scripts=())
    # Another process may just have made the page: that is never written over.
    with suppress(FileExistsError), page.open("x", encoding="utf-8") as file:
        file.write(html)
        filesystem.set_permissions(page)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["linked"] = link_names
    environment.globals["navigation"] = NAVIGATION
    return environment

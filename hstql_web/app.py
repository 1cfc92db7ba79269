"""Put the site together: all pages of `hstql_web.pages`, behind the guard.

A page is a module there with a constant `ROUTER`, and `MENU` if it has an entry in the menu;
nothing else has to know of it.
"""

import logging
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from types import ModuleType

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from hstql_resources.site.opening import Opened
from hstql_web import pages
from hstql_web.faults import add_fault_pages
from hstql_web.flag_counts import FlagCounts
from hstql_web.guard import Guard, Rate, find_prefix
from hstql_web.inventory import Stock
from hstql_web.lightcurves.jobs import Jobs
from hstql_web.oidc import Provider
from hstql_web.queries.keys import Keys
from hstql_web.rendering import HERE, Menu, Rendering
from hstql_web.signing import Signer
from hstql_web.sky_counts import SkyCounts
from hstql_web.tap.jobs import Jobs as TapJobs
from hstql_web.tap.translating import Translator
from hstql_web.visits import Desk

_log = logging.getLogger(__name__)


def make_app(opened: Opened, rate: Rate | None = None) -> Guard:
    """Return the site as an ASGI application.

    Parameters
    ----------
    opened : Opened
        What it works with.
    rate : Rate, optional
        How much each client may ask.
    """
    prefix = find_prefix(opened.settings)
    modules = find_pages()
    app = FastAPI(
        title="hstql",
        version="1",
        description="What hstql knows about Hubble observations, as JSON.",
        docs_url=None,  # it would be fetched from elsewhere
        redoc_url=None,
        lifespan=_live,
    )
    menu = [entry for module in modules if isinstance(entry := getattr(module, "MENU", None), Menu)]
    signer, rendering = Signer(opened.key, prefix), Rendering(prefix, menu)
    provider = Provider(opened.settings) if opened.settings.sign_in == "oidc" else None
    app.state.desk = Desk(
        opened, signer, rendering, provider, Keys(opened.site.engine.url), Stock(opened),
        SkyCounts(opened.site), FlagCounts(opened.site), Jobs(opened.filesystem), TapJobs(),
        Translator(),
    )  # fmt: skip
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.mount("/bokeh", StaticFiles(packages=[("bokeh", "server/static/js")]))
    app.mount("/charts", StaticFiles(packages=[("hstql_assets", "pages/static")]))
    for module in modules:
        app.include_router(module.ROUTER)
    add_fault_pages(app)
    return Guard(app, opened.settings, rate or Rate())


@asynccontextmanager
async def _live(app: FastAPI) -> AsyncIterator[None]:
    """Serve; afterwards end what is still at work."""
    yield
    app.state.desk.jobs.close()
    app.state.desk.tap.close()
    app.state.desk.translator.close()


def find_pages() -> list[ModuleType]:
    """Return the modules of all pages."""
    names = sorted(found.name for found in pkgutil.iter_modules(pages.__path__))
    return [import_module(f"{pages.__name__}.{name}") for name in names]

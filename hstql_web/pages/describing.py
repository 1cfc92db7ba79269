"""The page about the JSON interface, from its own description; the client in Python."""

from fastapi import APIRouter
from starlette.responses import Response

from hstql_web.visits import Reading

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/interface")
def show(visit: Reading) -> Response:
    """Show which calls there are."""
    described = visit.request.app.openapi()
    calls = [
        (method.upper(), path, call)
        for path, methods in described["paths"].items()
        for method, call in methods.items()
    ]
    site = str(visit.request.base_url)
    return visit.render("interface.html", "Interface", calls=calls, site=site)

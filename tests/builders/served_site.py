"""The site on a port of this host, for browsers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from builders.site_rows import Station
from hstql_web.app import make_app
from hstql_web.guard import Rate


@contextmanager
def serve(station: Station, rate: Rate | None = None, **settings: object) -> Iterator[str]:
    """Serve the site, of the owner of this host if not said; yield its address."""
    app = make_app(station.open(**{"sign_in": "none", **settings}), rate)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            thread.join(0.05)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()

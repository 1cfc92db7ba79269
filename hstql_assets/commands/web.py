"""Answer `hstql web`: become the process that serves the site, which stands above all of this."""

import os
import sys

from hstql_assets.commands.session import guard, prepare


@guard
def web(host: str, port: int) -> None:
    """Serve the site until stopped."""
    prepare()
    options = ("--host", host, "--port", str(port))
    os.execv(sys.executable, [sys.executable, "-m", "hstql_web", *options])  # noqa: S606, its own

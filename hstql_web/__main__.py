"""Start the site: `python -m hstql_web`, which `hstql web` calls."""

import argparse
import ipaddress
import logging
import socket
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

import uvicorn

from hstql_resources.postgres.faults import describe_fault
from hstql_resources.settings import Settings, SettingsError, load_settings
from hstql_resources.site.opening import open_site
from hstql_web.app import make_app
from hstql_web.oidc import check_settings

_LOG_BYTES, _LOGS = 10_000_000, 5
_STOPPED = 130  # as any command that Ctrl-C ends


def main() -> int:
    """Serve until stopped; return 2 if a setting cannot work."""
    parser = argparse.ArgumentParser(prog="hstql web")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    try:
        settings = load_settings()
        check_host(settings, arguments.host)
        check_settings(settings)
        _serve(settings, arguments.host, arguments.port)
    except KeyboardInterrupt:
        return _STOPPED
    except SettingsError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201, the terminal is all there is
        return 2
    except Exception as error:
        sentence = describe_fault(error)
        if sentence is None:
            raise
        print(f"Error: {sentence}", file=sys.stderr)  # noqa: T201, as above
        return 1
    return 0


def check_host(settings: Settings, host: str) -> None:
    """Refuse to serve others than this host where nobody signs in.

    Raises
    ------
    SettingsError
        If other hosts could reach the site.
    """
    if settings.sign_in == "none" and not _is_this_host(host):
        raise SettingsError(
            f"Without sign-in the site shows everything, and so only to this host: serve it on "
            f"127.0.0.1 rather than {host}, or set HSTQL_SIGN_IN; see docs/site.md."
        )


def _is_this_host(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _serve(settings: Settings, host: str, port: int) -> None:
    with _listen(host, port) as listening, open_site(settings) as opened:
        _open_log(opened.filesystem.logs)
        at = listening.getsockname()[1]
        address = f"http://{f'[{host}]' if ':' in host else host}:{at}/"
        print(f"The site of {settings.home} is at {address} until Ctrl-C.", flush=True)  # noqa: T201
        config = uvicorn.Config(
            make_app(opened),
            log_level="warning",
            access_log=False,  # `guard` has one of its own
            proxy_headers=False,  # `guard` reads them, and knows whom to believe
            server_header=False,
        )
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except OSError as error:
        raise SettingsError(
            f"The site cannot be served on {host}, port {port}: {error.strerror or error}. Choose "
            "another with --port, or --host."
        ) from None


def _open_log(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder / "site.log", maxBytes=_LOG_BYTES, backupCount=_LOGS)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log = logging.getLogger("hstql_web")
    log.addHandler(handler)
    log.setLevel(logging.INFO)


if __name__ == "__main__":
    raise SystemExit(main())

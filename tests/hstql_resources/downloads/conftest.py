"""A server of made files, a folder, and downloads that wait for milliseconds instead of seconds."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builders.download_files import HASTY, TOKEN, Site
from builders.loopback_files import FileServer, FileServing
from hstql_resources.downloads import Download, Downloaded, Policy, fetch_all


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    files = FileServing(TOKEN)
    with FileServer(files) as server:
        yield Site(files, server, tmp_path)


@pytest.fixture
def fetch(site: Site) -> Callable[..., Downloaded]:
    """Fetch one file of the site; keywords are those of `Download`, `policy` besides."""

    def fetch(name: str, policy: Policy = HASTY, **values: object) -> Downloaded:
        download = Download(**{"url": site.url(name), "path": site.folder / name} | values)
        (done,) = fetch_all([download], policy)
        return done

    return fetch

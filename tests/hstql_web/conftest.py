"""The site over some exposures, for all tests of a module together."""

from collections.abc import Iterator

import pytest

from builders.databases import Databases
from builders.site_rows import Station, open_prepared


@pytest.fixture(scope="module")
def station(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """Exposures that are public and such as are closed, with the people of a team."""
    with open_prepared(databases, tmp_path_factory.mktemp("site")) as opened:
        yield opened

"""What the tests of the pages of monitors share; a browser and a page reader are those of plots."""

import sys
from pathlib import Path

import pytest

from hstql_resources.filesystem import Filesystem

sys.path.append(str(Path(__file__).parents[1] / "plots"))


@pytest.fixture
def filesystem(tmp_path: Path) -> Filesystem:
    return Filesystem(tmp_path / "home")

"""An exposure to write files of, and where the real files are."""

from pathlib import Path

import pytest
from corrtag_files import Observation


@pytest.fixture
def observation(tmp_path: Path) -> Observation:
    """FUV, 100 s, files in a fresh folder."""
    return Observation(tmp_path)

"""An exposure to write files of, and where the real files are."""

from pathlib import Path

import pytest
from stis_files import Stis


@pytest.fixture
def exposure(tmp_path: Path) -> Stis:
    """FUV-MAMA, first order, 100 s, files in a fresh folder."""
    return Stis(tmp_path)

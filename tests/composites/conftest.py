"""An exposure to write files of."""

from pathlib import Path

import pytest
from corrtag_files import Observation

REAL = Path(__file__).parents[3] / "shared" / "hst" / "archive"


@pytest.fixture
def observation(tmp_path: Path) -> Observation:
    """FUV, 100 s, files in a fresh folder."""
    return Observation(tmp_path)


@pytest.fixture
def real_archive() -> Path:
    """The folder of real files; skips the test where it is absent."""
    if not REAL.is_dir():
        pytest.skip(f"the real HST files are not at {REAL}")
    return REAL

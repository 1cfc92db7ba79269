"""An exposure to write files of, and where the real files are."""

from pathlib import Path

import pytest
from stis_files import Stis

REAL = Path(__file__).parents[3] / "shared" / "hst" / "archive"


@pytest.fixture
def exposure(tmp_path: Path) -> Stis:
    """FUV-MAMA, first order, 100 s, files in a fresh folder."""
    return Stis(tmp_path)


@pytest.fixture
def real_archive() -> Path:
    """The folder of real files; skips the test where it is absent."""
    if not REAL.is_dir():
        pytest.skip(f"the real HST files are not at {REAL}")
    return REAL

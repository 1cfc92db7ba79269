"""Where the real files are."""

from pathlib import Path

import pytest

REAL = Path(__file__).parents[3] / "shared" / "hst" / "archive"


@pytest.fixture
def real_archive() -> Path:
    """The folder of real files; skips the test where it is absent."""
    if not REAL.is_dir():
        pytest.skip(f"the real HST files are not at {REAL}")
    return REAL

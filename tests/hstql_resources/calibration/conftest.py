"""A stand-in for a pipeline."""

from pathlib import Path

import pytest

from builders.calibration_files import FakeCalacs


@pytest.fixture
def calacs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCalacs:
    """A `calacs.e` that does what the test says."""
    folder = tmp_path / "calacs"
    folder.mkdir()
    return FakeCalacs(folder, monkeypatch)

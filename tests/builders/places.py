"""Name the folders that tests look for: the project, and the real files beside it."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
# Absolute, with no link followed: the folder may be one that stands beside a link.
REAL_ARCHIVE = PROJECT.parent / "shared" / "hst" / "archive"

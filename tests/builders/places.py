"""Name the folders that tests look for, and make those that a database is in."""

import os
import shutil
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
# Absolute, with no link followed: the folder may be one that stands beside a link.
REAL_ARCHIVE = PROJECT.parent / "shared" / "hst" / "archive"
# Memory: to copy the thousand files of a database takes a quarter of the time there.
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4 << 30


def make_home_folder() -> Path:
    """Make a folder for a home with a database; its path is short, for the socket."""
    has_room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES
    return Path(tempfile.mkdtemp(prefix="hstql-test-", dir=MEMORY if has_room else None))

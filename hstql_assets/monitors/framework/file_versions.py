"""Keep the versions of a reference file: beside each other, by time, and none written over.

The name of a version is its key, when it was made, and what it is:
superdarks_uvis_2018-05-24_2026-12-01T02-03-04_drk.fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.whole_files import read_primary

TIME_PATTERN = r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d"
_TIME = "%Y-%m-%dT%H-%M-%S"


@dataclass(frozen=True)
class Version:
    """A version of a reference file, by its path and primary header."""

    path: Path
    header: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """First half of the SHA-256 of what is in it."""
        return str(self.header.get("PIXSHA", ""))

    @property
    def frames(self) -> int:
        """Number of exposures in it."""
        return int(self.header.get("NFRAMES", 0))

    @property
    def made_at(self) -> datetime:
        """When it was made, as its name says."""
        text = self.path.stem.rpartition("_")[0][-19:]
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)


@dataclass(frozen=True)
class VersionedFile:
    """Where the versions of a file are: folder under `HSTQL_HOME`, key, and end of their names."""

    filesystem: Filesystem
    folder: str
    key: str
    suffix: str

    def list_versions(self) -> list[Version]:
        """Return the versions that there are, by time; one that cannot be read is left out."""
        found: list[Version] = []
        folder = self.filesystem.home / self.folder
        for path in sorted(folder.glob(f"{self.key}_*_{self.suffix}.fits")):
            try:
                found.append(Version(path, read_primary(path)))
            except (FitsError, OSError):
                continue
        return found

    def find_free_path(self, now: datetime) -> Path:
        """Return a path for a new version, by time, where there is none yet."""
        at = now.astimezone(UTC)
        while True:
            name = f"{self.key}_{at:{_TIME}}_{self.suffix}.fits"
            path = self.filesystem.home / self.folder / name
            if not path.exists():
                return path
            at += timedelta(seconds=1)

"""Where calibration reference files are found.

Headers name them as `oref$abc_pfl.fits`. They are looked for where the field keeps them, in the
folder of the variable `oref` (`lref` for COS), then among those fetched before, and at last in the
archive.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from hstql_resources.archive import Archive
from hstql_resources.filesystem import Filesystem
from hstql_resources.settings import Settings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\.fits")


@dataclass(frozen=True)
class References:
    """Finds reference files. Small, and pickled to worker processes.

    Attributes
    ----------
    archive : Archive
        Where they can be fetched from.
    filesystem : Filesystem
        Where fetched ones are kept.
    oref, lref : Path or None
        Folders of the user's own, of STIS and of COS; nothing is written there.
    """

    archive: Archive
    filesystem: Filesystem
    oref: Path | None = None
    lref: Path | None = None

    @classmethod
    def from_settings(
        cls, settings: Settings, archive: Archive, filesystem: Filesystem
    ) -> "References":
        """Make the references of the settings."""
        return cls(archive, filesystem, settings.oref, settings.lref)

    def find(self, value: str) -> Path | None:
        """Return the file that a header names, fetching it if need be; None if there is none.

        Parameters
        ----------
        value : str
            Such as `oref$abc_pfl.fits`. A name that is no name of a FITS file is nowhere.

        Raises
        ------
        ArchiveError
            If the archive does not answer.
        """
        variable, _, filename = value.strip().rpartition("$")
        if not _NAME.fullmatch(filename):
            return None
        own = {"oref": self.oref, "lref": self.lref}.get(variable)
        places = [self.filesystem.references] if own is None else [own, self.filesystem.references]
        for folder in places:
            for path in (folder / filename, folder / f"{filename}.gz"):
                if path.is_file():
                    return path
        return self._fetch(filename)

    def _fetch(self, filename: str) -> Path | None:
        path = self.filesystem.references / filename
        with self.filesystem.scratch() as scratch:
            if not self.archive.fetch_reference(filename, scratch):
                return None
            self.filesystem.move(scratch / filename, path)
        return path

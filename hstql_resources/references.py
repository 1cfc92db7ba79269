"""Find calibration reference files.

Headers name them as `oref$abc_pfl.fits`. They are looked for where the field keeps them, in the
folder of the variable `oref` (`lref` for COS, `jref` for ACS, `iref` for WFC3), then among those
fetched before, and at last in the archive.
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
    oref, lref, jref, iref : Path or None
        Folders of the user's own, of STIS, COS, ACS and WFC3; nothing is written there.
    """

    archive: Archive
    filesystem: Filesystem
    oref: Path | None = None
    lref: Path | None = None
    jref: Path | None = None
    iref: Path | None = None

    @classmethod
    def from_settings(
        cls, settings: Settings, archive: Archive, filesystem: Filesystem
    ) -> "References":
        """Make the references of the settings."""
        return cls(archive, filesystem, settings.oref, settings.lref, settings.jref, settings.iref)

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
        own = self._folders.get(variable)
        places = [self.filesystem.references] if own is None else [own, self.filesystem.references]
        for folder in places:
            for path in (folder / filename, folder / f"{filename}.gz"):
                if path.is_file():
                    return path
        return self._fetch(filename)

    @property
    def _folders(self) -> dict[str, Path | None]:
        return {"oref": self.oref, "lref": self.lref, "jref": self.jref, "iref": self.iref}

    def _fetch(self, filename: str) -> Path | None:
        path = self.filesystem.references / filename
        with self.filesystem.scratch() as scratch:
            if not self.archive.fetch_reference(filename, scratch):
                return None
            self.filesystem.move(scratch / filename, path)
        return path

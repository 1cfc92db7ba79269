"""Archives: find observations, list their products, fetch them."""

from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.protocol import (
    Archive,
    ArchiveError,
    Product,
    Proposal,
    RetrievalError,
)
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.settings import Settings, SettingsError

__all__ = ["Archive", "ArchiveError", "Product", "Proposal", "RetrievalError", "open_archive"]


def open_archive(settings: Settings) -> Archive:
    """Return the archive that the settings name.

    Raises
    ------
    SettingsError
        If there is no such archive.
    """
    if settings.archive == "simulated":
        return SimulatedArchive(settings.simulated_observations)
    if settings.archive_directory is not None:
        return DirectoryArchive(settings.archive_directory, in_place=not settings.archive_copy)
    raise SettingsError(
        "HSTQL_ARCHIVE is 'mast', which this version cannot read yet: "
        "name a folder of HST files, or 'simulated'."
    )

"""Find observations in an archive, list their products, fetch them."""

from hstql_resources.archive.protocol import (
    Archive,
    ArchiveError,
    Dataset,
    Fetched,
    FolderArchive,
    FolderSummary,
    ImageArchive,
    Product,
    Proposal,
    RemoteArchive,
    RetrievalError,
    Search,
)
from hstql_resources.settings import Settings

__all__ = [
    "Archive",
    "ArchiveError",
    "Dataset",
    "Fetched",
    "FolderArchive",
    "FolderSummary",
    "ImageArchive",
    "Product",
    "Proposal",
    "RemoteArchive",
    "RetrievalError",
    "Search",
    "open_archive",
]

ARCHIVE_INDEX = "archive_index.sqlite"  # in HSTQL_HOME


def open_archive(settings: Settings) -> Archive:
    """Return the archive that the settings name."""
    # Only the one that is wanted: to import the simulated one takes half a second.
    if settings.is_simulated:
        from hstql_resources.archive.simulated import SimulatedArchive  # half a second

        return SimulatedArchive(
            settings.simulated_observations,
            raw_exposures=settings.simulated_raw,
            epochs=settings.simulated_epochs,
        )
    if settings.archive_directory is not None:
        from hstql_resources.archive.directory import DirectoryArchive  # takes astropy along

        return DirectoryArchive(
            settings.archive_directory,
            in_place=not settings.archive_copy,
            index=settings.home / ARCHIVE_INDEX,
        )
    from hstql_resources.archive.mast import MastArchive  # takes requests along

    return MastArchive.from_settings(settings)

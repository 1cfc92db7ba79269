"""Archives: find observations, list their products, fetch them."""

from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.mast import MastArchive
from hstql_resources.archive.protocol import (
    Archive,
    ArchiveError,
    Dataset,
    Fetched,
    Product,
    Proposal,
    RemoteArchive,
    RetrievalError,
    Search,
)
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.settings import Settings

__all__ = [
    "Archive",
    "ArchiveError",
    "Dataset",
    "Fetched",
    "Product",
    "Proposal",
    "RemoteArchive",
    "RetrievalError",
    "Search",
    "open_archive",
]


def open_archive(settings: Settings) -> Archive:
    """Return the archive that the settings name."""
    if settings.archive == "simulated":
        return SimulatedArchive(
            settings.simulated_observations, raw_exposures=settings.simulated_raw
        )
    if settings.archive_directory is not None:
        return DirectoryArchive(settings.archive_directory, in_place=not settings.archive_copy)
    return MastArchive.from_settings(settings)

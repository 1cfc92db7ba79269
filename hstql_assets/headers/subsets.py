"""Tell by its files which partition sets an exposure of COS belongs to, beside that of all."""

from collections.abc import Sequence

from hstql_assets.batching.partition_names import ACQUISITIONS, DARKS, FUV_EVENTS, LAMPFLASHES
from hstql_resources.filetypes import EVENT_TYPES
from hstql_resources.fits.file_headers import FileHeaders


def find_subsets(files: Sequence[FileHeaders], detector: str) -> frozenset[str]:
    """Return the sets that an exposure of COS belongs to.

    Parameters
    ----------
    files : sequence of FileHeaders
        All files of the exposure; what cannot be read still has its name.
    detector : str
        FUV or NUV.
    """
    types = {file.filetype for file in files}
    events = [file for file in files if file.filetype in EVENT_TYPES]
    found = {
        DARKS: bool(events) and any(_is_dark(file) for file in files),
        LAMPFLASHES: "lampflash" in types,
        ACQUISITIONS: "rawacq" in types,
        FUV_EVENTS: detector == "FUV" and bool(events),
    }
    return frozenset(name for name, belongs in found.items() if belongs)


def _is_dark(file: FileHeaders) -> bool:
    """Tell whether a file says that the shutter was closed to look at the detector itself."""
    return "DARK" in (file.find_word("TARGNAME"), file.find_word("EXPTYPE"))

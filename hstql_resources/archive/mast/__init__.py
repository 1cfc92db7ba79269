"""MAST as an archive: searches, product lists and proposals; files come through `downloads`."""

from hstql_resources.archive.mast.archive import MastArchive
from hstql_resources.archive.mast.http_retry import Patience

__all__ = ["MastArchive", "Patience"]

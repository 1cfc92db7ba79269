"""Search MAST, list its products and proposals; files come through `downloads`."""

from hstql_resources.archive.mast.archive import MastArchive
from hstql_resources.http_questions import QueryPolicy

__all__ = ["MastArchive", "QueryPolicy"]

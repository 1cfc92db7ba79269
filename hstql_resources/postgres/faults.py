"""Say in one sentence what stood in the way that is no fault of a program: disk, server, rights."""

import errno

import psycopg2
from sqlalchemy.exc import DBAPIError

from hstql_resources.archive.protocol import ArchiveError
from hstql_resources.postgres.complaints import advise, complaint
from hstql_resources.postgres.database import DatabaseError
from hstql_resources.postgres.read_only_query import QueryError
from hstql_resources.workers import WorkersLostError

_PLAIN = {
    errno.ENOSPC: "The disk is full",
    errno.EDQUOT: "The quota on the disk is used up",
    errno.EROFS: "The disk can only be read",
    errno.EACCES: "The permissions do not allow it",
    errno.EPERM: "The permissions do not allow it",
    errno.EMFILE: "Too many files are open at once",
}


class BackupError(Exception):
    """A file that is no backup, or cannot be restored here; one sentence for the user."""


def describe_fault(error: BaseException | None) -> str | None:
    """Return the sentence of what led to an error; None where it is a fault of the program."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        sentence = _describe(error)
        if sentence is not None:
            return sentence
        error = error.__cause__ or error.__context__
    return None


def _describe(error: BaseException) -> str | None:
    if isinstance(error, ArchiveError | DatabaseError | QueryError | WorkersLostError):
        return str(error)
    if isinstance(error, DBAPIError | psycopg2.Error):
        return f"The database did not do what it was asked: {complaint(error)}{advise(error)}."
    if isinstance(error, MemoryError):
        return "Memory ran out."
    if isinstance(error, OSError):
        reason = _PLAIN.get(error.errno or 0) or error.strerror or str(error)
        where = f": {error.filename}" if error.filename else ""
        return f"{reason}{where}. Once that is mended, the same command goes on."
    return None

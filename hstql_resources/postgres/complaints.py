"""Say in words what Postgres complains about, and what the user can do."""

import psycopg2
from sqlalchemy.exc import DBAPIError

_MANY = "raise max_connections of the server, or close other programs that use it"
_LOGIN = "HSTQL_DATABASE_URL names the login, its password and the database"
# By the code of the cause. Postgres gives none with what it says while one connects.
_REMEDIES = {
    "25006": "HSTQL_DATABASE_URL has to name a server, and a login, that can write",
    "42501": "give the login of HSTQL_DATABASE_URL that right, see docs/database.md",
    "53100": "make room on the disk of the server",
    "53300": _MANY,
    "57014": "raise statement_timeout for the login of HSTQL_DATABASE_URL",
}
_REMEDIES_AT_CONNECTING = {
    "too many": _MANY,
    "remaining connection slots": _MANY,
    "authentication failed": _LOGIN,
    "does not exist": _LOGIN,
    "pg_hba.conf": f"{_LOGIN}, which this server lets nobody in by",
    "permission denied for database": _REMEDIES["42501"],
}


def complaint(error: DBAPIError | psycopg2.Error) -> str:
    """Return what Postgres complained about, without the statement and the rows."""
    reason = error.orig if isinstance(error, DBAPIError) else error
    diagnosis = getattr(reason, "diag", None)
    said = (diagnosis and diagnosis.message_primary) or str(reason)
    # Of the contexts only that of COPY is short; it names the column.
    if diagnosis and (diagnosis.context or "").startswith("COPY"):
        said = f"{said} ({diagnosis.context})"
    return " ".join(said.split()).rstrip(".")


def advise(error: DBAPIError | psycopg2.Error) -> str:
    """Return what can be done about it, as the end of a sentence; empty if nobody knows."""
    reason = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(reason, "pgcode", None)
    if code is not None:
        remedy = _REMEDIES.get(code)
    else:
        said = str(reason)
        remedy = next((say for text, say in _REMEDIES_AT_CONNECTING.items() if text in said), None)
    return f": {remedy}" if remedy else ""

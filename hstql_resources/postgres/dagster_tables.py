"""Ask Dagster's tables without Dagster, whose import takes longer than most answers.

Nothing is there before Dagster was used once.
"""

from typing import Any

from sqlalchemy import TextClause, create_engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.pool import NullPool

from hstql_resources.postgres.address import dagster_database_url
from hstql_resources.postgres.complaints import complaint
from hstql_resources.postgres.database import DatabaseError
from hstql_resources.settings import Settings

# Anyone can add the empty key; Dagster has no runs of it.
_COUNTS = text(
    "SELECT partitions_def_name, count(*) FROM dynamic_partitions WHERE partition <> '' GROUP BY 1"
)
_STARTED = text("SELECT 1 FROM runs WHERE status = 'STARTED' LIMIT 1")


def count_keys(settings: Settings) -> dict[str, int]:
    """Return how many keys each partition set has that has any."""
    return {str(name): int(keys) for name, keys in _ask(settings, _COUNTS)}


def has_started_runs(settings: Settings) -> bool:
    """Tell whether a run is at work, or was when its process died."""
    return bool(_ask(settings, _STARTED))


def _ask(settings: Settings, statement: TextClause) -> list[tuple[Any, ...]]:
    engine = create_engine(dagster_database_url(settings), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(statement)]
    except ProgrammingError:
        return []
    except DBAPIError as error:
        raise DatabaseError(f"The database does not answer: {complaint(error)}.") from error

"""Lock header tables and the views over them, without harm to those who read."""

import random
import time
from collections.abc import Collection

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from hstql_resources.header_tables.dependent_views import run
from hstql_resources.postgres.database import sqlstate

PATIENCE_S = 5.0  # until readers have to wait for us

_LOCK_NOT_AVAILABLE = "55P03"
_RELATIONS = text("""
WITH RECURSIVE found (oid) AS (
    SELECT inhrelid FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'headers'::regclass AND relname = ANY(:names)
    UNION
    SELECT ev_class FROM found
    JOIN pg_depend ON refclassid = 'pg_class'::regclass AND refobjid = found.oid
         AND classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite ON pg_rewrite.oid = objid
)
SELECT format('%I.%I', nspname, relname) FROM found
JOIN pg_class ON pg_class.oid = found.oid JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'v') AND pg_get_userbyid(relowner) = current_user ORDER BY found.oid
""")


def lock_tables(connection: Connection, tables: Collection[str]) -> None:
    """Lock tables and the views over them before anything is changed.

    All at once or none, so that a reader who holds one and asks for another never waits for us
    while we wait for it. Only a reader who does not end is waited for; others then queue.
    """
    names = connection.scalars(_RELATIONS, {"names": list(tables)}).all() if tables else ()
    if not names:
        return
    statement = f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE"
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            with connection.begin_nested():
                run(connection, f"{statement} NOWAIT")
        except OperationalError as error:
            if sqlstate(error) != _LOCK_NOT_AVAILABLE:
                raise
            time.sleep(random.uniform(0.01, 0.05))  # noqa: S311, so as not to beat in time
        else:
            return
    run(connection, statement)

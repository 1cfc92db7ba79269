"""Put views aside while a table beneath them changes, and make them again.

Postgres refuses to change the type of a column that a view uses. Dropping with CASCADE would take
along views that users have made, so everything about a view is kept: its definition, options,
owner, comments and rights, its triggers and rules, the indexes of a materialized view. What to put
aside, and when, is told elsewhere.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import DBAPIError, OperationalError

from hstql_resources.postgres.complaints import complaint
from hstql_resources.postgres.database import DatabaseError

# Views of views too. A view is deeper than all that it is made from.
_DEPENDENTS = text("""
WITH RECURSIVE dependent (oid, depth) AS (
    SELECT unnest(CAST(:relations AS oid[])), 0
    UNION
    SELECT rule.ev_class, depth + 1
    FROM dependent
    JOIN pg_depend AS link
      ON link.refclassid = 'pg_class'::regclass AND link.refobjid = dependent.oid
     AND link.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite AS rule ON rule.oid = link.objid AND rule.rulename = '_RETURN'
    WHERE rule.ev_class <> dependent.oid
)
SELECT relation.oid, relation.relkind = 'm' AS is_stored, relation.relispopulated AS is_filled,
       format('%I.%I', nspname, relname) AS name, nspname || '.' || relname AS plain_name,
       array_to_string(relation.reloptions, ', ') AS options,
       rtrim(pg_get_viewdef(relation.oid), '; ') AS query
FROM dependent
JOIN pg_class AS relation ON relation.oid = dependent.oid
JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
WHERE depth > 0
GROUP BY relation.oid, nspname
ORDER BY max(depth), relation.oid
""")

# Each part gives the object and a statement. The order is that of making the view again.
_RIGHTS = """
SELECT 1 AS place, oid, format('ALTER TABLE %s OWNER TO %I', name, pg_get_userbyid(relowner))
  FROM found WHERE pg_get_userbyid(relowner) <> current_user
UNION ALL
SELECT 2, oid, format('GRANT %s ON %s TO %s', privilege_type, name,
       CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
       || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM found, aclexplode(relacl) WHERE grantee <> relowner
UNION ALL
SELECT 2, oid, format('GRANT %s (%I) ON %s TO %s', privilege_type, attname, name,
       CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
       || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM found JOIN pg_attribute ON attrelid = oid, aclexplode(attacl)
"""
_VIEW_GRANTS = """
SELECT 3, oid, format('COMMENT ON %s %s IS %L', kind, name, description)
  FROM found JOIN pg_description ON objoid = oid AND classoid = 'pg_class'::regclass
  WHERE objsubid = 0
UNION ALL
SELECT 3, oid, format('COMMENT ON COLUMN %s.%I IS %L', name, attname, description)
  FROM found JOIN pg_description ON objoid = oid AND classoid = 'pg_class'::regclass
  JOIN pg_attribute ON attrelid = oid AND attnum = objsubid WHERE objsubid > 0
UNION ALL
SELECT 4, oid, pg_get_indexdef(indexrelid) FROM found JOIN pg_index ON indrelid = oid
UNION ALL
SELECT 5, found.oid, pg_get_triggerdef(pg_trigger.oid)
  FROM found JOIN pg_trigger ON tgrelid = found.oid WHERE NOT tgisinternal
UNION ALL
SELECT 6, found.oid, rtrim(pg_get_ruledef(pg_rewrite.oid), ';')
  FROM found JOIN pg_rewrite ON ev_class = found.oid WHERE rulename <> '_RETURN'
"""
_FOUND = """
WITH found AS (
    SELECT relation.oid, relowner, relacl, format('%I.%I', nspname, relname) AS name,
           CASE relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END AS kind
    FROM pg_class AS relation JOIN pg_namespace AS namespace ON namespace.oid = relnamespace
    WHERE relation.oid = ANY(CAST(:relations AS oid[]))
)
"""
_RIGHTS_OF = text(f"{_FOUND} {_RIGHTS} ORDER BY 1")
_ALL_OF = text(f"{_FOUND} {_RIGHTS} UNION ALL {_VIEW_GRANTS} ORDER BY 1")


@dataclass(frozen=True)
class DroppedView:
    """A view that was dropped, and what it takes to have it again.

    Attributes
    ----------
    name : str
        Schema and name, quoted.
    definition : str or None
        The statement that makes it; None if somebody else does, who knows its new shape.
    view_grants : tuple of str
        What follows: statements that restore its owner, rights, comments, indexes.
    """

    name: str
    definition: str | None
    view_grants: tuple[str, ...]


def drop_dependents(
    connection: Connection, relations: Collection[int], remade: Collection[str]
) -> tuple[DroppedView, ...]:
    """Drop every view that shows one of the relations, also through other views.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        With an open transaction.
    relations : collection of int
        Object identifiers of tables and views.
    remade : collection of str
        Views, such as `acsql.wfc_flt_0`, that the caller makes again: of them only owner and rights
        are kept.

    Returns
    -------
    tuple of DroppedView
        In an order in which they can be made again.

    Raises
    ------
    DatabaseError
        If one of them cannot be dropped; it is named.
    """
    found = connection.execute(_DEPENDENTS, {"relations": list(relations)}).all()
    if not found:
        return ()
    ours = {row.oid for row in found if row.plain_name in remade}
    view_grants = _read_view_grants(connection, _RIGHTS_OF, sorted(ours))
    view_grants |= _read_view_grants(
        connection, _ALL_OF, [r.oid for r in found if r.oid not in ours]
    )
    for row in reversed(found):
        with _naming(row.name, "stands in the way of a changed column, and cannot be dropped"):
            run(connection, f"DROP {_kind(row.is_stored)} {row.name}")
    return tuple(
        DroppedView(
            row.name,
            None
            if row.oid in ours
            else _define(row.name, row.query, row.options, row.is_stored, row.is_filled),
            tuple(view_grants.get(row.oid, ())),
        )
        for row in found
    )


def restore(connection: Connection, dropped: Sequence[DroppedView]) -> None:
    """Make dropped views again, with all that belonged to them.

    Raises
    ------
    DatabaseError
        If one of them cannot be made from the changed columns; it is named.
    """
    for view in dropped:
        statements = ([view.definition] if view.definition else []) + list(view.view_grants)
        with _naming(view.name, "cannot be made again, since a column that it shows has changed"):
            for statement in statements:
                run(connection, statement)


def run(connection: Connection, statement: str) -> None:
    """Run a statement as it is: a % in it is a %, and a colon a colon."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _read_view_grants(
    connection: Connection, query: TextClause, relations: Sequence[int]
) -> dict[int, list[str]]:
    statements: dict[int, list[str]] = defaultdict(list)
    if relations:
        for _, relation, statement in connection.execute(query, {"relations": relations}):
            statements[relation].append(statement)
    return statements


def _kind(is_stored: bool) -> str:
    return "MATERIALIZED VIEW" if is_stored else "VIEW"


def _define(name: str, query: str, options: str | None, is_stored: bool, is_filled: bool) -> str:
    settings = f" WITH ({options})" if options else ""
    filling = (" WITH DATA" if is_filled else " WITH NO DATA") if is_stored else ""
    return f"CREATE {_kind(is_stored)} {name}{settings} AS {query}{filling}"


@contextmanager
def _naming(view: str, trouble: str) -> Iterator[None]:
    """Turn a refusal into a sentence with the name of the view; waiting in vain is none."""
    try:
        yield
    except OperationalError:
        raise
    except DBAPIError as error:
        raise DatabaseError(
            f"The view {view} {trouble}: {complaint(error)}. Drop or change it, and try again."
        ) from error

"""Schemas for the views of older systems."""

from alembic import op

from hstql_resources.tables.migrations import MissingRightError


def make_schema(schema: str, about: str) -> None:
    """Make a schema, unless somebody with more rights has made it for us.

    CREATE SCHEMA IF NOT EXISTS would ask for the right even where the schema exists.

    Parameters
    ----------
    schema : str
        Its name.
    about : str
        Its comment.

    Raises
    ------
    MissingRightError
        If it is not there and the user may not make it.
    """
    exists, allowed, user, database = (
        op.get_bind()
        .exec_driver_sql(
            f"SELECT to_regnamespace('{schema}') IS NOT NULL, "
            "has_database_privilege(current_database(), 'CREATE'), current_user, current_database()"
        )
        .one()
    )
    if not exists and not allowed:
        raise MissingRightError(
            f"The database user {user} may not make the schema {schema}: let its owner run "
            f'GRANT CREATE ON DATABASE "{database}" TO "{user}", or '
            f'CREATE SCHEMA {schema} AUTHORIZATION "{user}".'
        )
    if not exists:
        op.execute(f"CREATE SCHEMA {schema}")
        op.execute(f"COMMENT ON SCHEMA {schema} IS '{about}'")

"""Run the migrations for alembic, over the connection that it is given."""

from alembic import context

from hstql_resources.tables import Base
from hstql_resources.tables.migrations.comments import write_comments
from hstql_resources.tables.old_systems.making import make_views

_connection = context.config.attributes["connection"]
context.configure(connection=_connection, target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
make_views(_connection)
write_comments(_connection)

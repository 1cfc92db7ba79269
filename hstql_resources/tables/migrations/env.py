"""What alembic runs for every command: the migrations, over the connection that it is given."""

from alembic import context

from hstql_resources.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()

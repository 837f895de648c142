"""Alembic's entry: runs the migrations on the connection that `migrate` hands over."""

from alembic import context

from audible_server.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # The caller owns the one transaction around all of it.
    transactional_ddl=False,
)
context.run_migrations()

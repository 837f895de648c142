"""Alembic's entry: runs the migrations on the connection that `migrate` hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
    # The caller owns the one transaction around all of it.
    transactional_ddl=False,
)
context.run_migrations()

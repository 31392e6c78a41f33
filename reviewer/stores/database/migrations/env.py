"""Started by Alembic for each command; the connection is always given by the one who calls (`schema.migrate`)."""

from __future__ import annotations

from alembic import context

from reviewer.stores.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=context.config.attributes["version_table"],
    render_as_batch=True,  # SQLite changes a table only by making it again
)
with context.begin_transaction():
    context.run_migrations()

"""How Alembic runs a migration here: on the connection, and in the transaction, it is handed."""

from __future__ import annotations

from alembic import context

from chatapp.store.models import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True
)
context.run_migrations()

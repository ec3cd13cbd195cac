"""Alembic's entry: migrate over the connection it is handed.

Under the ``alembic`` command there is none, so one is made from the engine's settings.
"""

from alembic import context
from sqlalchemy import Connection

from engine.store.tables import RegistryTable


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=RegistryTable.metadata,
        render_as_batch=True,  # SQLite alters a table by copying it
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


handed_in: Connection | None = context.config.attributes.get("connection")
if handed_in is not None:
    _migrate(handed_in)
else:
    from engine.config import load
    from engine.store.registry_schema import connect_engine

    with connect_engine(load().registry).begin() as connection:
        _migrate(connection)

"""Bring the schemas of the graph and of the registry up to date, or tell where they are."""

from dataclasses import dataclass

from engine.config import Settings
from engine.connections.session import open_registry, target_of
from engine.store import graph_schema, registry_schema
from engine.store.graph_client import GraphClient
from engine.store.graph_schema import SchemaStatus
from engine.store.migration_lock import LockHolder, MigrationLock
from engine.store.registry_schema import RegistryStatus

__all__ = [
    "LockHolder",
    "MigrationReport",
    "MigrationStatus",
    "break_lock",
    "migrate",
    "migration_status",
    "repair",
]


@dataclass(frozen=True)
class MigrationReport:
    """What ``migrate`` did.

    Attributes:
        graph: Names of the graph migrations that were applied, in order.
        registry_before: Where the registry was; None when it was empty.
        registry_after: Where it is now.
    """

    graph: tuple[str, ...]
    registry_before: str | None
    registry_after: str


@dataclass(frozen=True)
class MigrationStatus:
    """Where both schemas are."""

    graph: SchemaStatus
    registry: RegistryStatus


def migrate(settings: Settings, *, wait_seconds: float) -> MigrationReport:
    """Apply everything that is pending.

    Args:
        settings: Which graph, which registry.
        wait_seconds: How long to wait for another migrator.

    Raises:
        SchemaMismatch: An applied migration was changed or is missing.
        Busy: Another migrator did not finish in time.
    """
    before = registry_schema.read_status(settings.registry)
    with open_registry(settings):
        pass  # opening it migrates it
    with GraphClient(target_of(settings)) as client:
        applied = graph_schema.apply(client, wait_seconds=wait_seconds)
    return MigrationReport(tuple(applied), before.current, before.head)


def repair(settings: Settings, *, wait_seconds: float) -> int:
    """Carry out the graph's migrations again, and return how many statements that was.

    A constraint or an index that somebody dropped comes back; ``migrate`` would not see that it is
    gone.

    Raises:
        SchemaMismatch: An applied migration was changed or is missing.
        Busy: Another migrator did not finish in time.
        QueryFailed: The graph holds what a constraint forbids.
    """
    with GraphClient(target_of(settings)) as client:
        return graph_schema.repair(client, wait_seconds=wait_seconds)


def migration_status(settings: Settings) -> MigrationStatus:
    """Return where both schemas are; changes nothing."""
    with GraphClient(target_of(settings)) as client:
        graph = graph_schema.status(client)
    return MigrationStatus(graph, registry_schema.read_status(settings.registry))


def break_lock(settings: Settings) -> LockHolder | None:
    """Remove the graph's migration lock; return who held it, or None when it was free."""
    with GraphClient(target_of(settings)) as client:
        return MigrationLock.break_lock(client)

"""Look after the stores: schemas, the engine's own Neo4j, the keys of the service."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.api.engine_session import EngineSession
from engine.data.tabular import Records

if TYPE_CHECKING:
    from engine.usecases.keys import ApiKey, NewKey, Scope
    from engine.usecases.local_database import Neo4jTarget
    from engine.usecases.migration import LockHolder, MigrationReport, MigrationStatus


class Administration(EngineSession):
    """The part of ``Engine`` that an operator uses; ``database_…`` is of the engine's own Neo4j."""

    def migrate(self, *, wait_seconds: float = 60.0) -> "MigrationReport":
        """Bring the schemas of the graph and of the registry up to date.

        Raises:
            SchemaMismatch: An applied migration was changed or is missing.
            Busy: Another migrator still holds the lock after ``wait_seconds``.
        """
        from engine.usecases.migration import migrate

        self.ready()
        return migrate(self.settings, wait_seconds=wait_seconds)

    def repair_schema(self, *, wait_seconds: float = 60.0) -> int:
        """Make constraints and indexes of the graph again that somebody dropped.

        Returns:
            How many statements of migrations were carried out.

        Raises:
            QueryFailed: The graph holds what a constraint forbids; the message names it.
            Busy: Another migrator still holds the lock after ``wait_seconds``.
        """
        from engine.usecases.migration import repair

        self.ready()
        return repair(self.settings, wait_seconds=wait_seconds)

    def migration_status(self) -> "MigrationStatus":
        """Return what is applied and what is pending; changes nothing."""
        from engine.usecases.migration import migration_status

        self.ready()
        return migration_status(self.settings)

    def break_migration_lock(self) -> "LockHolder | None":
        """Remove the graph's lock of migrations, whoever holds it, and return who that was."""
        from engine.usecases.migration import break_lock

        self.ready()
        return break_lock(self.settings)

    def create_key(
        self, name: str, scopes: "Sequence[Scope]" = ("read",), *, days: int | None = None
    ) -> "NewKey":
        """Make a key of ``engine serve``; its text is shown once and kept nowhere.

        Raises:
            UsageError: The name or a scope is not allowed, or two keys of that name live.
        """
        from engine.usecases.keys import create

        return create(self.settings, name, scopes, days)

    def list_keys(self) -> "Records[ApiKey]":
        """Return every key ever made, without its secret."""
        from engine.usecases.keys import list_keys

        return Records(list_keys(self.settings))

    def revoke_key(self, id: str) -> "ApiKey":
        """Close a key for good; a running service follows within seconds.

        Raises:
            NotFound: There is no such key.
        """
        from engine.usecases.keys import revoke

        return revoke(self.settings, id)

    def database_start(self) -> "Neo4jTarget":
        """Start the engine's own Neo4j; the first time its jars are downloaded and verified.

        Raises:
            ConfigError: A URI is set, so the engine runs no server of its own.
        """
        from engine.usecases.local_database import ensure_local

        with self._starting() as advance:
            return ensure_local(self.settings, advance)

    def database_lacks(self) -> str | None:
        """Return what the Java of the running server lacks, in words; None where nothing does."""
        from engine.usecases.local_database import lacks

        return lacks(self.settings)

    def database_stop(self) -> bool:
        """Stop it and tell whether it ran; the graph stays on disk."""
        from engine.usecases.local_database import stop

        self.close()
        return stop(self.settings)

    def database_status(self) -> dict[str, Any]:
        """Return where it is, its process, versions and size on disk."""
        from engine.usecases.local_database import database_status

        return database_status(self.settings)

    def database_log(self, lines: int = 100) -> list[str] | None:
        """Return the last lines of its log; None where it was never started."""
        from engine.usecases.local_database import log_lines

        return log_lines(self.settings, lines)

    def database_lock(self) -> int:
        """Make the lock of its jars anew, for maintainers; return how many jars it names."""
        from engine.usecases.local_database import make_lock

        with self._reporting() as progress:
            progress.update("resolving")
            return make_lock(lambda done, total: progress.update("resolving", done, total))

    def database_reset(self) -> None:
        """Stop it and delete its graph."""
        from engine.usecases.local_database import reset

        self.close()
        reset(self.settings)

"""What checks and tidying look at: a home, and the graph and the registry as far as they answer."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Literal

from engine.config import Settings
from engine.errors import RegistryError, Unreachable
from engine.graph import stored_generations
from engine.graph.stored_generations import StoredGeneration
from engine.publishing.recorded_generations import records_of
from engine.store.graph_client import GraphClient
from engine.store.registry_records import Run
from engine.store.registry_snapshot import RegistrySnapshot

Store = Literal["graph", "registry", "rows"]


@dataclass(frozen=True)
class OpenStores:
    """A home and its stores at a moment; nothing of it is written.

    Attributes:
        client: None where no server answers.
        snapshot: None where the registry cannot be read.
        now: The moment.
    """

    settings: Settings
    client: GraphClient | None
    snapshot: RegistrySnapshot | None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def there(self) -> set[Store]:
        """What answers; ``rows``: the registry is whole and its schema that of this version."""
        found: set[Store] = set() if self.client is None else {"graph"}
        if self.snapshot is not None:
            found.add("registry")
            if self.snapshot.current == self.snapshot.head and not self.snapshot.damage:
                found.add("rows")
        return found

    @property
    def graph(self) -> GraphClient:
        """The graph.

        Raises:
            Unreachable: No server answers.
        """
        if self.client is None:
            raise Unreachable("no Neo4j server answers", hint="engine db start")
        return self.client

    @property
    def registry(self) -> RegistrySnapshot:
        """The registry.

        Raises:
            RegistryError: It cannot be read.
        """
        if self.snapshot is None:
            raise RegistryError("the registry cannot be read", hint="engine check")
        return self.snapshot

    @cached_property
    def generations(self) -> list[StoredGeneration]:
        """Those of the graph, the newest first.

        Raises:
            Unreachable: No server answers.
        """
        return stored_generations.generations(self.graph)

    @property
    def complete(self) -> list[StoredGeneration]:
        """Those of them that serve or can be put into service."""
        return [one for one in self.generations if one.state in ("ready", "published")]

    @cached_property
    def runs(self) -> dict[int, Run]:
        """Those of the registry."""
        return {run.id: run for run in self.registry.runs}

    def run_of(self, one: StoredGeneration) -> Run | None:
        """Return the run that a generation was made of; None where this registry did not make it.

        Each registry numbers its runs itself, so the number in the graph is not enough.
        """
        made = records_of([one], self.registry.generations).get(one.number)
        return None if made is None or made.run_id is None else self.runs.get(made.run_id)

    def before(self, days: float) -> datetime:
        """Return the moment so many days ago."""
        return self.now - timedelta(days=days)

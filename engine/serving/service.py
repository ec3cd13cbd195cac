"""What a service needs for as long as it runs: graph, registry, keys, events."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.answering import answers
from engine.config import Settings
from engine.connections.session import open_registry
from engine.data.dislikes import DislikedTarget, DislikeKind
from engine.data.tombstone import ForgettableKind
from engine.errors import EngineError, Unreachable
from engine.graph import aliases, census
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList
from engine.serving.asked_list import AskedList
from engine.serving.experiment_cache import ExperimentCache
from engine.serving.exploration_watch import ExplorationWatch
from engine.serving.key_cache import KeyCache
from engine.serving.list_buffer import ListBuffer
from engine.serving.live_graph import LiveGraph
from engine.serving.outcome_watch import OutcomeWatch
from engine.serving.state_watch import StateWatch
from engine.store.graph_client import ClientLimits, GraphClient
from engine.store.registry import Registry
from engine.usecases import generations
from engine.usecases.disliking import DislikeIntake
from engine.usecases.generations import Promotion
from engine.usecases.ingesting import CatalogueIntake, DescriptionResult, Document, EventIntake
from engine.usecases.naming_lists import NamedList, check_file, named_list_of, names_of

if TYPE_CHECKING:
    from engine.usecases.forgetting import ForgetCertificate
    from engine.usecases.merging import MergedUser

WRITE_SECONDS_FACTOR = 5
"""A write may take so many times as long as an answer."""
MANY_SECONDS_FACTOR = 5
"""Lists of many users may take so many times as long as one."""

_LOG = logging.getLogger(__name__)
_CLOSE_SECONDS = 2.5


def client_limits(seconds: float, connections: int) -> ClientLimits:
    """Return how long a request of so many seconds waits for what: each gives up before the next.

    The database ends a query after half of them, so the driver is informed, gives up trying again
    after two thirds, and can answer before the service gives up on the driver.
    """
    return ClientLimits(
        connect=seconds / 4,
        acquire=seconds / 3,
        retry=2 * seconds / 3,
        query=seconds / 2,
        write=WRITE_SECONDS_FACTOR * seconds / 2,
        connections=connections,
    )


@dataclass(frozen=True)
class Service:
    """One for a process; every member may be used by many threads at once."""

    settings: Settings
    graph: LiveGraph
    registry: Registry
    keys: KeyCache
    intake: EventIntake
    catalogue: CatalogueIntake
    feedback: DislikeIntake
    watch: StateWatch
    answered: ListBuffer
    outcomes: OutcomeWatch
    experiments: ExperimentCache
    exploration: ExplorationWatch

    def remember(self, asked: AskedList, found: RecommendationList) -> None:
        """Take a list that was answered, where lists are remembered; nobody waits for it."""
        if self.settings.remember_lists:
            self.answered.add(asked.remembered(found))

    def recommend(self, graph: GraphClient, user: str, question: Question) -> RecommendationList:
        """Return a user's list: that of the variant of an experiment where the user is in one.

        An id that stands for a user since a merge gets the variant of that user.
        """
        if self.experiments.runs:
            user = aliases.current(graph, [user]).get(user, user)
        assigned = self.experiments.assigned(user)
        if assigned is None:
            return answers.recommend(graph, user, question, find_pool=self.exploration.pool)
        return answers.recommend_variant(
            graph, user, question, assigned, self.named_list, self.exploration.pool
        )

    def named_list(self, name: str) -> NamedList:
        """Return the list of a name, as the graph had it a second ago or else engine.toml has it.

        Raises:
            NotFound: There is none.
        """
        return named_list_of(self.settings, self.graph.list_changes, name)

    def names_of_lists(self) -> list[str]:
        """Return the names that an operator gave, as of a second ago."""
        return names_of(self.settings, self.graph.list_changes)

    def ready(self) -> str | None:
        """Return why the service cannot give its best answers now, or None."""
        try:
            number = self.graph.ask(census.serving_generation)
        except Unreachable:
            return "no Neo4j server answers"
        return self.graph.fault if number is not None else "nothing is published yet"

    def promote(self, number: int, why: str, who: str) -> Promotion:
        """Put a generation into service, in the name of whoever asked.

        Raises:
            Unreachable: No server answers.
            NotFound: The graph has no such generation.
            PublishRefused: Its vectors or indexes are not whole.
        """
        self._must_answer()
        return self._moved(generations.promote(self.settings, number, why=why, who=who))

    def rollback(self, to: int | None, why: str, who: str) -> Promotion:
        """Go back to the generation before, or to a given one.

        Raises:
            Unreachable: No server answers.
            NotFound: There is nothing to go back to.
            PublishRefused: The vectors or indexes of that generation are not whole.
        """
        self._must_answer()
        return self._moved(generations.rollback(self.settings, to=to, why=why, who=who))

    def describe(
        self,
        kind: ForgettableKind,
        documents: Sequence[Document],
        *,
        whole: bool = False,
        create: bool = True,
    ) -> DescriptionResult:
        """Write what is said of users or items; see ``CatalogueIntake.take``.

        The next answer goes by it, that of memory too.
        """
        done = self.catalogue.take(kind, documents, whole=whole, create=create)
        if kind == "item" and done.accepted:
            self.graph.refresh_held({str(one["id"]) for one in documents})
        return done

    def dislike(self, user: str, target: DislikedTarget, kind: DislikeKind, *, undo: bool) -> bool:
        """Note a dislike or take it back; see ``DislikeIntake``. The next answer goes by it."""
        if undo:
            changed = self.feedback.take_back(self.graph.ask, user, target)
        else:
            changed = self.feedback.add(self.graph.ask, user, target, kind)
        if changed:
            self.graph.refresh_dislikes(user)
        return changed

    def merge_users(self, old: str, user: str) -> "MergedUser":
        """Make one user of two; again, it changes nothing.

        Raises:
            Unreachable: No server answers.
            UsageError: They are one user already, or the old id stands for somebody else.
            Busy: A night, a load or a publish is at work.
        """
        from engine.usecases.merging import merge_users  # noqa: PLC0415 as for forget

        self._must_answer()
        done = merge_users(self.settings, old, user, wait_seconds=self.settings.serve_seconds)
        self.graph.refresh_dislikes(done.user)
        return done

    def forget(self, kind: ForgettableKind, id_: str) -> "ForgetCertificate":
        """Remove a user or an item from everything that is kept; again, it changes nothing.

        Raises:
            Unreachable: No server answers.
            NotFound: There is nothing of that id anywhere.
            Busy: A night, a load or a publish is at work.
        """
        # It reads checkpoints, so it needs PyTorch, which a service holds from then on.
        from engine.usecases.forgetting import ForgetRequest, forget  # noqa: PLC0415

        self._must_answer()
        wait = self.settings.serve_seconds
        return forget(self.settings, ForgetRequest(kind, (id_,)), wait_seconds=wait)

    def _must_answer(self) -> None:
        """Refuse while no server answers: a command starts or awaits one, a request must not."""
        self.graph.ask(census.serving_generation)

    def _moved(self, flipped: Promotion) -> Promotion:
        self.graph.refresh_generation()
        return flipped


@contextmanager
def open_service(settings: Settings, limits: ClientLimits) -> Iterator[Service]:
    """Open what a service needs; a Neo4j that does not answer yet is found later.

    Raises:
        UsageError: A named list of engine.toml has an option that is not allowed.
    """
    check_file(settings)
    with open_registry(settings) as registry:
        keys = KeyCache(registry)
        graph = LiveGraph(settings, limits, answers.warm)
        intake = EventIntake(settings, registry, graph.ask)
        catalogue = CatalogueIntake(settings, registry, graph.ask)
        feedback = DislikeIntake(settings, registry)
        watch = StateWatch(graph, registry)
        answered = ListBuffer(graph.ask)
        came = OutcomeWatch(settings, graph)
        experiments = ExperimentCache(registry)
        exploration = ExplorationWatch(settings, graph)
        watches = (watch, came, experiments, exploration)

        def close() -> None:
            for part in (intake, answered, catalogue, *watches, graph, keys):
                try:
                    part.close()
                except EngineError as error:
                    _LOG.warning("at the end of the service: %s", error.message)

        try:
            yield Service(
                settings,
                graph,
                registry,
                keys,
                intake,
                catalogue,
                feedback,
                watch,
                answered,
                came,
                experiments,
                exploration,
            )
        finally:
            # In a thread, as a database that is frozen may hold it for longer than anybody waits.
            closing = threading.Thread(target=close, name="engine-close", daemon=True)
            closing.start()
            closing.join(_CLOSE_SECONDS)
            if closing.is_alive():
                _LOG.warning("a database does not answer: its connections end with the process")

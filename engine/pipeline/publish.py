"""Publish a trained model: vectors and indexes into the graph, a check, then the pointer.

The order makes an interruption harmless: nothing of a new generation is read before the pointer
moves, and the next publish finds and removes what an unfinished one left. May import: ``graph``,
``training.checkpoint``, ``store``, ``config``.
"""

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from engine.config import Settings
from engine.errors import Busy, EngineError, NotFound, PublishRefused
from engine.graph import embeddings, fidelity, serving, vector_index
from engine.graph.fidelity import Vectors
from engine.pipeline import tuning
from engine.pipeline.session import open_graph, open_registry
from engine.pipeline.tuning import Choice, Vetted
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.training import checkpoint
from engine.training.checkpoint import Trained

_STAGES = {"User": "users", "Item": "items", "Entity": "entities"}
Report = Callable[[str, int, int], None]
_PLAIN_INDEX = vector_index.IndexSettings(m=16, ef_construction=100)


@dataclass(frozen=True)
class Published:
    """What was put into service.

    Attributes:
        overlap: Share of the model's own top 20 that is served.
        entities: Entities with a vector: none of a model that learns from events alone.
        users_without: Users without an embedding: popularity decides for them.
        items_without: Items without one: only popularity and repeats can bring them up.
        not_in_graph: Ids of the model that the graph no longer has.
    """

    generation: int
    model: str
    dimension: int
    users: int
    items: int
    entities: int
    users_without: int
    items_without: int
    not_in_graph: int
    overlap: float
    over_fetch: int
    popular_fetch: int
    m: int
    ef_construction: int
    search_milliseconds: float
    removed: tuple[int, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def publish(
    settings: Settings,
    *,
    run_id: int | None = None,
    path: Path | None = None,
    report: Report = lambda _stage, _done, _all: None,
) -> Published:
    """Put a trained model into service.

    Args:
        settings: Where graph and registry are.
        run_id: A training run; the newest finished one when neither it nor ``path`` is given.
        path: A checkpoint that no run of this registry wrote.
        report: Called with a stage, how much of it is done, and how much there is.

    Raises:
        PublishRefused: The index would not serve the model's own ranking. The old one serves on.
        Busy: Another publish is at work on this home.
        NotFound: There is no finished run.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.home / "publish.lock", timeout=0)
    try:
        with lock, open_registry(settings) as registry, open_graph(settings) as graph:
            run, file = _chosen(settings, registry, run_id, path)
            return _Publication(graph, registry, checkpoint.load(file), run, report).carry_out()
    except Timeout as error:
        raise Busy("another publish is running", hint="wait for it to end") from error


def _chosen(
    settings: Settings, registry: Registry, run_id: int | None, path: Path | None
) -> tuple[int | None, Path]:
    if path is not None:
        return run_id, path
    if run_id is not None:
        runs = [registry.run(run_id)]
    else:
        runs = [run for run in registry.runs(200) if run.status == "finished"]
    for run in runs:
        if run.checkpoint:
            return run.id, settings.home / run.checkpoint
    raise NotFound("there is no finished training run to publish", hint="engine train")


class _Publication:
    """One publish on its way."""

    def __init__(
        self,
        graph: GraphClient,
        registry: Registry,
        trained: Trained,
        run_id: int | None,
        report: Report,
    ) -> None:
        self._graph, self._registry, self._report = graph, registry, report
        self._trained, self._run_id = trained, run_id
        self._users, self._items, self._scale = _serving_vectors(trained)
        self._entities = _entity_vectors(trained)

    def carry_out(self) -> Published:
        number = self._number()  # before the clean-up, so that no number is used twice
        removed = self._clean_up()
        serving.announce(self._graph, number, {"model": self._trained.model})
        self._registry.add_generation(
            number, self._run_id, self._trained.model, self._items.shape[1], {}
        )
        try:
            published = self._write_and_vet(number, removed)
        except EngineError as error:
            # The first failure is what the caller must hear of, even where tidying fails too.
            with suppress(EngineError):
                self._registry.mark_generation(number, "refused", error.message)
                serving.remove(self._graph, number)
            raise
        with suppress(EngineError):  # the graph is the truth; the next publish mends the mirror
            self._registry.mark_generation(number, "serving")
        return published

    def _clean_up(self) -> tuple[int, ...]:
        """Remove what older and interrupted publishes left; make the registry agree."""
        known = serving.generations(self._graph)
        gone = serving.leftovers(known)
        for done, number in enumerate(gone):
            self._report("removing old generations", done, len(gone))
            serving.remove(self._graph, number)
        in_service = {one.number for one in known if one.serving}
        for record in self._registry.generations():
            if record.number in in_service and record.state != "serving":
                self._registry.mark_generation(record.number, "serving")
            elif record.state == "candidate" and record.number not in in_service:
                self._registry.mark_generation(record.number, "refused", "interrupted")
        return tuple(gone)

    def _number(self) -> int:
        highest = max((one.number for one in serving.generations(self._graph)), default=0)
        return max(self._registry.next_generation_number(), highest + 1)

    def _write_and_vet(self, number: int, removed: tuple[int, ...]) -> Published:
        trained, dimension = self._trained, self._items.shape[1]
        users = self._write("User", number, self._users)
        items = self._write("Item", number, self._items)
        if users == 0 or items == 0:
            raise PublishRefused(
                "the model has no vector for any user or item of this graph",
                hint="train on this graph: engine train",
            )
        entities = self._write("Entity", number, self._entities)
        plain: tuple[embeddings.Label, ...] = ("User", "Entity") if entities else ("User",)
        for label in plain:
            self._report(f"indexing {_STAGES[label]}", 0, 1)
            vector_index.build(self._graph, label, number, dimension, _PLAIN_INDEX)
        popularity = serving.popularity(self._graph)
        vetted = Vetted(
            trained.users,
            trained.items,
            self._users,
            self._items,
            trained.popularity_weight,
            popularity,
        )
        choice = tuning.choose(self._graph, number, vetted, self._report)
        published = self._summary(number, choice, (users, items, entities), removed)
        for label in plain:
            if fault := vector_index.health(self._graph, label, number, dimension):
                raise PublishRefused(fault, hint="publish again: engine publish")
        serving.promote(self._graph, number, self._stored(choice, popularity))
        return published

    def _write(self, label: embeddings.Label, number: int, vectors: Vectors) -> int:
        trained = self._trained
        ids = {"User": trained.users, "Item": trained.items, "Entity": trained.entities}[label]
        stage = f"writing {_STAGES[label]}"
        return embeddings.write(
            self._graph, label, number, ids, vectors, lambda n, m: self._report(stage, n, m)
        )

    def _summary(
        self, number: int, choice: Choice, written: tuple[int, int, int], removed: tuple[int, ...]
    ) -> Published:
        """Count what is there against what was written.

        Raises:
            PublishRefused: Vectors are missing.
        """
        there = [embeddings.coverage(self._graph, label, number) for label in embeddings.LABELS]
        users, items, entities = there
        if tuple(one.vectors for one in there) != written:
            raise PublishRefused(
                f"{sum(written)} vectors were written, {sum(one.vectors for one in there)} are "
                "there",
                hint="was something else writing? publish again: engine publish",
            )
        parts = (self._users, self._items, self._entities)
        meant = sum(int(np.any(part != 0, axis=1).sum()) for part in parts)
        return Published(
            generation=number,
            model=self._trained.model,
            dimension=self._items.shape[1],
            users=users.vectors,
            items=items.vectors,
            entities=entities.vectors,
            users_without=users.nodes - users.vectors,
            items_without=items.nodes - items.vectors,
            not_in_graph=meant - sum(written),
            overlap=choice.overlap,
            over_fetch=choice.over_fetch,
            popular_fetch=choice.popular_fetch,
            m=choice.index.m,
            ef_construction=choice.index.ef_construction,
            search_milliseconds=choice.milliseconds,
            removed=removed,
        )

    def _stored(self, choice: Choice, popularity: serving.Popularity) -> dict[str, Any]:
        """Return what the serving query reads from the generation's node."""
        trained = self._trained
        return {
            "model": trained.model,
            "dimension": self._items.shape[1],
            "scoring": trained.scoring,
            "score_scale": self._scale,
            "over_fetch": choice.over_fetch,
            "popular_fetch": choice.popular_fetch,
            "overlap": choice.overlap,
            "popularity_weight": float(trained.popularity_weight),
            "again_weight": float(trained.again_weight),
            "half_life_days": float(trained.half_life_days),
            "newest_at": serving.newest_event(self._graph),
            "log_max_events": math.log1p(popularity.most) or 1.0,
            "popular": popularity.top(),
            "popular_events": popularity.top_events(),
            "run": self._run_id,
            "data_watermark": trained.data_watermark,
        }


def _serving_vectors(trained: Trained) -> tuple[Vectors, Vectors, float]:
    """Return what is stored for users and items, and M of the reduction (1 for cosine)."""
    users, items = trained.user_vectors, trained.item_vectors
    if not (np.isfinite(users).all() and np.isfinite(items).all()):
        raise PublishRefused("the model has numbers that are not finite", hint="engine train")
    if trained.scoring == "dot":
        return fidelity.reduce_dot_to_cosine(users, items)
    return fidelity.unit(users), fidelity.unit(items), 1.0


def _entity_vectors(trained: Trained) -> Vectors:
    """Return what is stored for entities; no rows of a model that has no vectors of them."""
    entities = trained.entity_vectors
    if entities is None:
        return np.empty((0, trained.item_vectors.shape[1]), dtype=np.float32)
    if not np.isfinite(entities).all():
        raise PublishRefused("the model has numbers that are not finite", hint="engine train")
    if trained.scoring == "dot":
        # Entities are found among entities: their ranking needs a longest one of their own.
        return fidelity.reduce_dot_to_cosine(trained.user_vectors, entities)[1]
    return fidelity.unit(entities)

"""Publish a trained model: vectors and indexes into the graph, a check, then the pointer.

The order makes an interruption harmless: nothing of a new generation is read before the pointer
moves, what was kept so far is removed after it, and the next publish finds and removes what an
unfinished one left.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from engine.config import Settings
from engine.data.arrays import Float32Array
from engine.data.kind_weights import KindWeights
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.errors import EngineError, PublishRefused
from engine.graph import census, embeddings, new_item_vectors, stored_generations, vector_index
from engine.graph.lists import ranked
from engine.publishing import (
    filter_publication,
    generations,
    index_sample,
    index_tuning,
    ranker_publication,
    recorded_generations,
    run_files,
    stored_vectors,
    user_encoders,
    vector_checks,
    vector_shards,
)
from engine.publishing.index_attributes import indexed_attributes
from engine.publishing.index_tuning import IndexChoice, ModelVectors
from engine.publishing.published import Published
from engine.ranking.ranker import Ranker
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.training import checkpoint
from engine.training.checkpoint import TrainedModel

_STAGES = {"User": "users", "Item": "items", "Entity": "entities"}
_PLAIN_INDEX = vector_index.IndexSettings(m=16, ef_construction=100)


def publish(
    graph: GraphClient,
    registry: Registry,
    settings: Settings,
    *,
    run_id: int | None = None,
    path: Path | None = None,
    promote: bool = True,
    why: str = "engine publish",
    report: StageProgress = no_stage,
) -> Published:
    """Write a trained model into the graph, check it, and put it into service.

    The caller holds the lock of ``generations.one_at_a_time``.

    Args:
        graph: Where to.
        registry: Where the runs are, and where the generation is recorded.
        settings: Which home the checkpoints lie in, and how many generations are kept.
        run_id: A training run; the newest finished one when neither it nor ``path`` is given.
        path: A checkpoint that no run of this registry wrote, or a folder of ``vector_shards``.
        promote: False leaves it complete and checked, for ``engine promote``.
        why: For the audit.
        report: Called with a stage, how much of it is done, and how much there is.

    Raises:
        PublishRefused: The index would not serve the model's own ranking. The old one serves on.
        NotFound: There is no finished run.
    """
    run, file = run_files.chosen_checkpoint(settings, registry, run_id, path)
    attributes = indexed_attributes(graph, settings.index_attributes)
    order = _Order(
        run,
        settings.keep_generations,
        why if promote else None,
        report,
        attributes,
        run_files.ranker_of(registry.run(run), file) if run and path is None else None,
        settings.event_weights,
    )
    trained = vector_shards.read(file) if file.is_dir() else checkpoint.load(file)
    run_files.check_digest(registry, run if path is None else None, trained)
    return _Publication(graph, registry, trained, order).carry_out()


@dataclass(frozen=True)
class _Order:
    """How to publish; without a ``why`` the generation is not put into service."""

    run_id: int | None
    keep: int
    why: str | None
    report: StageProgress
    attributes: tuple[str, ...]
    ranker: Ranker | None
    kinds: KindWeights


class _Publication:
    """One publish on its way."""

    def __init__(
        self, graph: GraphClient, registry: Registry, trained: TrainedModel, order: _Order
    ) -> None:
        self._graph, self._registry, self._order = graph, registry, order
        self._trained, self._run_id, self._report = trained, order.run_id, order.report
        vector_checks.check(trained)
        self._users, self._items, self._scale = stored_vectors.of_users_and_items(trained)
        self._entities = stored_vectors.of_entities(trained)
        self._encoder = user_encoders.of_model(trained)

    def carry_out(self) -> Published:
        vector_checks.check_against_graph(self._graph, self._trained)
        number = generations.create_candidate(self._graph, self._registry, self._trained.model)
        with generations.removed_on_failure(self._graph, self._registry, number):
            mark, model = recorded_generations.mark_of(self._graph, number), self._trained.model
            self._registry.add_generation(number, self._run_id, model, self._items.shape[1], mark)
            published = self._write_and_vet(number)
        return replace(published, removed=self._clean_up(published))

    def _clean_up(self, published: Published) -> tuple[int, ...]:
        """Remove older generations now that the new one is whole, and let the registry follow."""
        # The graph is the truth: what fails here is made good by the next publish.
        if published.in_service:
            with suppress(EngineError):
                new_item_vectors.place_again(self._graph)
        with suppress(EngineError):
            if not published.in_service:
                self._registry.mark_generation(published.generation, "ready")
            registry, keep = self._registry, self._order.keep
            removed = generations.remove_old(self._graph, registry, keep, self._report)
            if removed and published.in_service:  # their indexes are gone, and all plans with them
                with suppress(EngineError):
                    ranked.warm_plan(self._graph, published.generation)
            return removed
        return ()

    def _write_and_vet(self, number: int) -> Published:
        trained, dimension = self._trained, self._items.shape[1]
        if trained.edges is not None:
            return self._write_edges(number, trained.edges)
        users = self._write("User", number, self._users)
        popularity = stored_generations.write_popularity(self._graph, number, self._order.kinds)
        beside = trained.popularity_weight, popularity, trained.scoring
        vetted = ModelVectors(trained.users, trained.items, self._users, self._items, *beside)
        items, first = self._write_items(number, vetted)
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
        if self._order.ranker is not None:
            ranker_publication.write(
                self._graph, number, self._order.ranker, self._order.kinds, self._report
            )
        user_encoders.write(self._graph, number, self._encoder)
        choice = index_tuning.choose(
            self._graph, number, vetted, self._order.attributes, self._report, first
        )
        published = self._summary(number, choice, (users, items, entities))
        for label in plain:
            if fault := vector_index.health(self._graph, label, number, dimension):
                raise PublishRefused(fault, hint="publish again: engine publish")
        self._complete(number, self._stored(published, choice, popularity))
        return published

    def _write_items(
        self, number: int, vetted: ModelVectors
    ) -> tuple[int, vector_index.IndexSettings | None]:
        """Write the items' vectors; of many, a sample first, which decides the index's settings."""
        rows = index_sample.sample(self._items)
        if rows is None:
            return self._write("Item", number, self._items), None
        some = self._write("Item", number, index_sample.of_rows(self._items, rows))
        first = (
            index_sample.decide(self._graph, number, vetted, rows, self._report) if some else None
        )
        rest = np.setdiff1d(np.arange(len(self._items)), rows)
        others = self._write("Item", number, index_sample.of_rows(self._items, rest))
        return some + others, first

    def _write_edges(self, number: int, edges: sparse.csr_array) -> Published:
        """Write a filter: there is no index to be chosen."""
        kinds, report = self._order.kinds, self._report
        written = filter_publication.write(self._graph, number, self._trained, edges, kinds, report)
        if self._order.ranker is not None:
            ranker_publication.write(self._graph, number, self._order.ranker, kinds, report)
        self._complete(number, written.stored | self._of_run())
        return replace(
            written.published,
            in_service=self._order.why is not None,
            ranked=self._order.ranker is not None,
        )

    def _complete(self, number: int, stored: dict[str, Any]) -> None:
        """Complete the generation, and put it into service where that was asked for."""
        if self._order.why is None:
            stored_generations.complete(self._graph, number, stored)
            return
        why = generations.reason("publish", self._order.why)
        if stored["dimension"]:
            with suppress(EngineError):
                ranked.warm_plan(self._graph, number)
        stored_generations.promote(self._graph, number, why, completed_by=stored)

    def _of_run(self) -> dict[str, Any]:
        """Return what every generation of a run stores."""
        trained = self._trained
        return {
            "model": trained.model,
            "scoring": trained.scoring,
            "popularity_weight": float(trained.popularity_weight),
            "again_weight": float(trained.again_weight),
            "half_life_days": float(trained.half_life_days),
            "newest_at": census.newest_at(self._graph),
            "run": self._run_id,
            "data_watermark": trained.data_watermark,
            **self._order.kinds.stored(),
            **({} if self._order.ranker is None else {"ranker": self._order.ranker.digest}),
        }

    def _write(self, label: embeddings.Label, number: int, vectors: Float32Array) -> int:
        trained = self._trained
        ids = {"User": trained.users, "Item": trained.items, "Entity": trained.entities}[label]
        stage = f"writing {_STAGES[label]}"
        return embeddings.write(
            self._graph, label, number, ids, vectors, lambda n, m: self._report(stage, n, m)
        )

    def _summary(
        self, number: int, choice: IndexChoice, written: tuple[int, int, int]
    ) -> Published:
        """Count what is there against what was written.

        Raises:
            PublishRefused: Vectors are missing.
        """
        there = [embeddings.coverage(self._graph, label, number) for label in embeddings.LABELS]
        users, items, entities = there
        if tuple(one.vectors for one in there) != written:
            raise PublishRefused(
                f"{sum(one.vectors for one in there)} of {sum(written)} vectors are in the graph",
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
            index_attributes=choice.index.attributes,
            m=choice.index.m,
            ef_construction=choice.index.ef_construction,
            search_milliseconds=choice.milliseconds,
            removed=(),
            in_service=self._order.why is not None,
            ranked=self._order.ranker is not None,
        )

    def _stored(
        self, published: Published, choice: IndexChoice, popularity: stored_generations.Popularity
    ) -> dict[str, Any]:
        """Return what the serving query reads from the generation's node."""
        return self._of_run() | {
            "dimension": self._items.shape[1],
            "score_scale": self._scale,
            **stored_vectors.mean_user(self._trained, self._users),
            "over_fetch": choice.over_fetch,
            "popular_fetch": choice.popular_fetch,
            "overlap": choice.overlap,
            "indexed_attributes": list(choice.index.attributes),
            "user_vectors": published.users,
            "item_vectors": published.items,
            "entity_vectors": published.entities,
            "drift_weight": float(self._trained.drift_weight),
            **popularity.stored(),
            **user_encoders.settings(self._encoder),
        }

"""Judge on one window what could serve: candidates, plain methods, and the generation in service.

What is in service has learned from the window, so its published vectors cannot be asked about it.
Its twin can: the same model as its own night judged it, before the last training, which has not
seen the window of any later night. It is as much older than tonight's candidate as the generation
itself is than what would follow it, so the two are compared as they would serve. Without a twin of
a like window: its published vectors, where all they learned from is older than the window; else
its model and settings, trained once more up to the window.
"""

import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.config import Settings
from engine.data import signals, splits
from engine.data.arrays import BoolArray, Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError, EngineError, ModelError, UsageError
from engine.evaluation import blend, fold_in, gate, hold_out_window
from engine.evaluation.baselines import BASELINES
from engine.evaluation.blend import Blend
from engine.evaluation.gate import VectorSpread
from engine.evaluation.hold_out_window import HoldOutWindow, WindowQuality
from engine.evaluation.ranking import UserScorer
from engine.experiments import experiment, gather_data
from engine.experiments.train import TWIN
from engine.experiments.training_request import TrainingRequest
from engine.graph.stored_generations import StoredGeneration
from engine.models.encoder import Embeddings
from engine.publishing.plain_generation import AGAIN_WEIGHTS
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.store.registry_records import Run
from engine.training import checkpoint, device, seed
from engine.training.checkpoint import TrainedModel

_LIKE = 0.5


@dataclass(frozen=True)
class ServingMethod:
    """The generation in service on tonight's window.

    Attributes:
        name: As the rules call it.
        judged: None where it cannot be judged.
        how: By what it was judged.
    """

    number: int
    name: str
    judged: WindowQuality | None
    how: str


class Contenders:
    """A window and everything that is judged on it.

    Args:
        settings: Which home: checkpoints are there.
        parts: What is known, and what happened in the window.
    """

    def __init__(self, settings: Settings, parts: Split) -> None:
        self._settings, self._parts = settings, parts
        self.window = HoldOutWindow(parts)

    @classmethod
    def tonight(cls, settings: Settings, events: Interactions, days: float) -> "Contenders":
        """Return those of the newest ``days`` of all events.

        Raises:
            DataError: Some events have no time, or there are too few.
        """
        share = hold_out_window.share_of(events, days)
        return cls(settings, splits.split(events, "time", seed.generator(0, "split"), share))

    @property
    def fraction(self) -> float:
        """Which share of all events the window is."""
        later = len(self._parts.later)
        return later / (later + len(self._parts.earlier))

    @property
    def days(self) -> float:
        """How long the window is, from the last event before it to its newest one."""
        until = int(self._parts.earlier.at.max(initial=0))
        return (int(self._parts.later.at.max(initial=0)) - until) / signals.MILLISECONDS_PER_DAY

    def plain(self) -> dict[str, WindowQuality]:
        """Return what the plain methods that can be served are worth."""
        return {name: self._plain(name) for name in AGAIN_WEIGHTS}

    def candidate(self, run: Run) -> WindowQuality:
        """Return what the twin of tonight's run is worth."""
        twin = checkpoint.load(self._file(run).with_name(TWIN))
        return self._judged(twin, twin.settings["until"])

    def shapes(self, run: Run) -> dict[str, VectorSpread]:
        """Return how the learned part of the vectors lies that would be published of a run."""
        final = checkpoint.load(self._file(run))
        users, items = self._aligned(final)
        if final.settings.get("trend"):  # its coordinate is the same for all users, by design
            users, items = users[:, :-1], items[:, :-1]
        parts = self._parts.earlier, self._parts.later
        active = sum(np.bincount(one.user, minlength=one.n_users) for one in parts)
        used = sum(one.item_counts() for one in parts)
        return {
            "User": gate.vector_spread(users, np.asarray(active) > 0),
            "Item": gate.vector_spread(items, np.asarray(used) > 0),
        }

    def as_served(self, registry: Registry, one: StoredGeneration) -> WindowQuality:
        """Judge a generation by what it serves; it must know nothing of the window.

        Raises:
            NotFound: Its run is not in this registry.
            CheckpointInvalid: The checkpoint of its run is gone.
        """
        if plain := one.settings.get("plain"):
            return self._plain(str(plain))
        run = registry.run(int(one.settings.get("run") or 0))
        trained = checkpoint.load(self._file(run))
        return self._judged(trained, int(one.settings.get("newest_at") or self.window.begins))

    def in_service(
        self, graph: GraphClient, registry: Registry, one: StoredGeneration
    ) -> ServingMethod:
        """Judge the generation in service; see the module for how."""
        if plain := one.settings.get("plain"):
            judged = self._plain(str(plain))
            return ServingMethod(one.number, str(plain), judged, "the plain method itself")
        name = f"generation {one.number}"
        run = None
        if (number := one.settings.get("run")) is not None:
            with suppress(EngineError):
                run = registry.run(int(number))
        if run is None or run.checkpoint is None:
            return ServingMethod(one.number, name, None, "its run is not in this registry")
        with suppress(EngineError):
            twin = checkpoint.load(self._file(run).with_name(TWIN))
            if self._comparable(twin):
                return ServingMethod(
                    one.number, name, self._judged(twin, twin.settings["until"]), "its twin"
                )
        newest = one.settings.get("newest_at")
        if newest is not None and newest < self.window.begins:
            with suppress(EngineError):
                judged = self.as_served(registry, one)
                return ServingMethod(one.number, name, judged, "its vectors, older than the window")
        try:
            judged = self._retrained(graph, run)
        except (UsageError, ModelError, DataError) as error:  # something it needs is no more
            return ServingMethod(one.number, name, None, error.message)
        return ServingMethod(one.number, name, judged, "its settings, trained up to the window")

    def _plain(self, name: str) -> WindowQuality:
        return self.window.judge(BASELINES[name](self._parts.earlier))

    def _file(self, run: Run) -> Path:
        return self._settings.home / (run.checkpoint or "")

    def _comparable(self, twin: TrainedModel) -> bool:
        """Tell whether a twin knows nothing of the window and was cut off by a like one."""
        until, days = twin.settings["until"], twin.settings["days"]
        alike = abs(days - self.days) <= _LIKE * self.days
        return bool(0 < until <= self.window.begins and alike)

    def _retrained(self, graph: GraphClient, run: Run) -> WindowQuality:
        own = {name: str(value) for name, value in run.settings.items()}
        texts = {name: text for name, text in own.items() if name not in ("split", "fraction")}
        request = TrainingRequest(run.model, texts, "time", self.fraction, run.seed, refit=False)
        material = gather_data.gather(graph, request.wants())
        with tempfile.TemporaryDirectory() as folder, device.default_device(self._settings.device):
            result = experiment.run(material, request, Path(folder))
        tested = result.tested.embeddings
        own_ids = material.events.users, material.events.items
        vectors = self._placed(own_ids, (tested.users, tested.items))
        cosine = result.encoder.config.scoring == "cosine"
        return self.window.judge(
            self._scorer(vectors, result.blend, self.window.begins, cosine=cosine)
        )

    def _judged(self, trained: TrainedModel, until: int) -> WindowQuality:
        """Judge a model that learned what happened up to ``until``, epoch milliseconds."""
        weights = Blend(
            trained.popularity_weight,
            trained.again_weight,
            trained.half_life_days,
            trained.drift_weight,
        )
        cosine = trained.scoring == "cosine"
        return self.window.judge(
            self._scorer(self._aligned(trained), weights, until, cosine=cosine)
        )

    def _scorer(
        self,
        vectors: tuple[Float32Array, Float32Array],
        weights: Blend,
        until: int,
        *,
        cosine: bool,
    ) -> UserScorer:
        """Return the score as it is served at the beginning of the window.

        What was done since ``until`` is folded in, and popularity decides for whoever has no vector
        even then. A new item that ingest would have placed by its facts has none here.
        """
        known = self._parts.earlier
        users = fold_in.folded(
            *vectors,
            known,
            until,
            weight=weights.drift_weight,
            half_life_days=weights.half_life_days,
            cosine=cosine,
        )
        vectors = users, vectors[1]
        score = blend.scorer(Embeddings(*vectors).score, known, weights)
        if weights.popularity_weight:
            return score
        popular = signals.popularity(known)
        without: BoolArray = ~np.any(vectors[0] != 0, axis=1)

        def served(rows: Int64Array) -> Float32Array:
            scores = score(rows)
            scores[without[rows]] += popular
            return scores

        return served

    def _aligned(self, trained: TrainedModel) -> tuple[Float32Array, Float32Array]:
        vectors = trained.user_vectors, trained.item_vectors
        return self._placed((trained.users, trained.items), vectors)

    def _placed(
        self, ids: tuple[Vocabulary, Vocabulary], vectors: tuple[Float32Array, Float32Array]
    ) -> tuple[Float32Array, Float32Array]:
        """Return vectors by tonight's rows; zeros for whoever the model does not know."""
        users, items = (
            _by_rows(own.positions(now.ids), table)
            for own, now, table in zip(
                ids, (self._parts.earlier.users, self._parts.earlier.items), vectors, strict=True
            )
        )
        return users, items


def _by_rows(rows: Int64Array, table: Float32Array) -> Float32Array:
    placed: Float32Array = np.where(
        (rows >= 0)[:, None], table[np.maximum(rows, 0)], np.float32(0.0)
    )
    return placed

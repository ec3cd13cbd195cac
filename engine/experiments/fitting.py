"""Fitting: train one model on some events, whatever it is made of, or continue where it stopped.

Touches no store.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.data import splits
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.evaluation.trend import best_half_life
from engine.experiments.training_request import TrainingRequest
from engine.models import trainable
from engine.models.closed_form import ClosedFormModel
from engine.models.confidence import learned_from
from engine.models.encoder import Embeddings, Encoder
from engine.models.registry_entries import ModelEntry
from engine.training import batch_factories, seed, warm_start
from engine.training.trainer import Progress, TrainingHooks, TrainingOutcome, train
from engine.training.warm_start import FirstVectors, FirstVectorsByStage


class TrainingStopped(Exception):  # not an error: the caller asked for it
    """Training was asked to stop, its state is saved, and it can be continued."""


@dataclass(frozen=True)
class FitObserver:
    """How the caller follows and stops an experiment, and what its stages start from.

    Attributes:
        report: Called after every step.
        should_stop: Asked between steps.
        validated: Given each validation metric of the search; may raise to end it.
        warm: First vectors by stage, for models that can begin with them.
        phase: Called with what begins and has no steps to count.
    """

    report: Callable[[str, Progress], None] = lambda _stage, _progress: None
    should_stop: Callable[[], bool] = lambda: False
    validated: Callable[[float], None] = lambda _metric: None
    warm: FirstVectorsByStage = field(default_factory=dict)
    phase: Callable[[str], None] = lambda _what: None


class Fitting:
    """One request, fitted on as many parts of the events as it takes.

    Args:
        material: What the model may learn from.
        request: What to train.
        folder: Where states to continue from are kept, one file per stage.
        watch: How the caller follows and stops it.

    Attributes:
        starts: First vectors of what was fitted, by stage, for a later warm start.
    """

    def __init__(
        self, material: TrainingData, request: TrainingRequest, folder: Path, watch: FitObserver
    ) -> None:
        self._material, self._request = material, request
        self.starts: dict[str, FirstVectors] = {}
        self._folder, self._watch = folder, watch
        self._fingerprint = request.fingerprint(material)
        self._model_config, self._config = request.configs()

    def choose_recency(self, parts: splits.Split) -> None:
        """Replace a recency of -1 by the half-life that the validation part speaks for."""
        if self._config.recency < 0:
            days = best_half_life(parts.earlier, parts.later)
            self._config = replace(self._config, recency=days)

    def fit(
        self,
        stage: str,
        known: Interactions,
        *,
        epochs: int | None = None,
        validate: Callable[[Embeddings], float] | None = None,
    ) -> tuple[Encoder[Any], TrainingOutcome]:
        """Train one model on some events, or continue it; a plain method is built.

        Raises:
            Stopped: It was asked to; the state is in the folder.
        """
        request, chosen = self._request, trainable(self._request.model)
        self._watch.phase(f"preparing {request.model} ({stage})")
        known = learned_from(known, self._model_config)
        start = seed.generator(request.seed, "start")
        if not isinstance(chosen, ModelEntry):
            built = chosen.build(known, self._model_config, start)
            method = ClosedFormModel(built, known, self._model_config)
            metric = None if validate is None else validate(method.encode())
            return method, TrainingOutcome(True, 0, metric, ())
        material = self._material.of(known)
        encoder = chosen.build(material, self._model_config, start)
        if (before := self._watch.warm.get(stage)) is not None:
            warm_start.apply_start(encoder, before, known)
        config = self._config if epochs is None else replace(self._config, epochs=max(1, epochs))
        hooks = TrainingHooks(
            validate=validate,
            report=lambda progress: self._watch.report(stage, progress),
            should_stop=self._watch.should_stop,
            save_to=self._folder / f"{stage}.pt",
            fingerprint=f"{self._fingerprint}.{stage}.{config.epochs}.{before and before.key}",
        )
        draw = batch_factories.SOURCES[chosen.batches]
        batches = draw(material, self._model_config, config, request.seed)
        outcome = train(encoder, batches, config, hooks)
        if not outcome.finished:
            raise TrainingStopped
        if (first := warm_start.first_vectors_of(encoder, known)) is not None:
            self.starts[stage] = first
        return encoder, outcome

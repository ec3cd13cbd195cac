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
from engine.evaluation import ranking
from engine.evaluation.trend import best_half_life
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS, item_filter, trainable
from engine.models.closed_form import ClosedFormModel
from engine.models.confidence import learned_from
from engine.models.encoder import Embeddings, Encoder
from engine.models.item_filter import FilterConfig
from engine.models.registry_entries import ModelEntry
from engine.models.vector_tables import WHOLE_SPARSE
from engine.training import batch_factories, data_sized, seed, warm_start
from engine.training.processes.job_files import TrainingJob
from engine.training.processes.training_processes import TrainingProcesses, go_on_alone
from engine.training.trainer import Progress, TrainingHooks, TrainingOutcome, train
from engine.training.training_config import SPARSE_ADAM, TrainingConfig
from engine.training.warm_start import FirstVectors, FirstVectorsByStage

_FILES = "processes"
_PROFILE_HALF_LIVES = (0.0, 240.0, 60.0, 15.0)


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
        processes: Train in these; None: in this one.
    """

    report: Callable[[str, Progress], None] = lambda _stage, _progress: None
    should_stop: Callable[[], bool] = lambda: False
    validated: Callable[[float], None] = lambda _metric: None
    warm: FirstVectorsByStage = field(default_factory=dict)
    phase: Callable[[str], None] = lambda _what: None
    processes: TrainingProcesses | None = None


class Fitting:
    """One request, fitted on as many parts of the events as it takes.

    Args:
        material: What the model may learn from.
        request: What to train.
        folder: Where states to continue from are kept, one file per stage.
        watch: How the caller follows and stops it.

    Attributes:
        starts: First vectors of what was fitted, by stage, for a later warm start.
        chosen: Settings that were chosen on validation, or by the size of the data last fitted.
    """

    def __init__(
        self, material: TrainingData, request: TrainingRequest, folder: Path, watch: FitObserver
    ) -> None:
        self._material, self._request = material, request
        self.starts: dict[str, FirstVectors] = {}
        self.chosen: dict[str, float | str] = {}
        self._folder, self._watch = folder, watch
        self._fingerprint = request.fingerprint(material)
        self._model_config, self._config = request.configs()

    def choose_recency(self, parts: splits.Split) -> None:
        """Replace a recency of -1 by the half-life that the validation part speaks for."""
        if self._config.recency < 0:
            days = best_half_life(parts.earlier, parts.later)
            self._config = replace(self._config, recency=days)

    def choose_profile(self, found: Embeddings, parts: splits.Split) -> Embeddings:
        """Replace the half-life of a filter's profiles, where it is -1, by the best on validation.

        Args:
            found: The filter, of the first part.
            parts: What is known, and what must be predicted.

        Returns:
            The filter with the profiles that are chosen.
        """
        config = self._model_config
        if not isinstance(config, FilterConfig) or config.profile_half_life_days >= 0:
            return found
        known = learned_from(parts.earlier, config)
        question = ranking.thinned(ranking.task(known, parts.later, include_seen=False))
        timed = bool((known.at > 0).all()) and len(question.users) > 0

        def served(days: float) -> Embeddings:
            own = item_filter.profiles(known, replace(config, profile_half_life_days=days))
            return replace(found, profiles=own)

        def value(days: float) -> float:
            return ranking.evaluate(question, served(days).score, (20,)).means["ndcg@20"]

        # The first of equals: the longest.
        best = max(_PROFILE_HALF_LIVES, key=value) if timed else 0.0
        self._model_config = replace(config, profile_half_life_days=best)
        self.chosen |= {"profile_half_life_days": best}
        return served(best)

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
        material = self._material.of(learned_from(known, self._model_config))
        material = material.with_untaken(known, self._config.shown_negatives)
        known = material.events
        start = seed.generator(request.seed, "start")
        if not isinstance(chosen, ModelEntry):
            built = chosen.build(known, self._model_config, start)
            method = ClosedFormModel(built, known, self._model_config)
            metric = None if validate is None else validate(method.encode())
            return method, TrainingOutcome(True, 0, metric, ())
        config = data_sized.sized(self._config, chosen, known)
        if config.optimiser == SPARSE_ADAM and chosen.sharded is not None:
            encoder = chosen.sharded(material, self._model_config, start, WHOLE_SPARSE)
        else:
            encoder = chosen.build(material, self._model_config, start)
        if (before := self._watch.warm.get(stage)) is not None:
            warm_start.apply_start(encoder, before, known)
        self.chosen |= (filled := data_sized.filled_in(self._config, config))
        if filled:
            words = ", ".join(f"{name}={value}" for name, value in filled.items())
            self._watch.phase(f"training {request.model} ({stage}) with {words}")
        if epochs is not None:
            config = replace(config, epochs=max(1, epochs))
        hooks = TrainingHooks(
            validate=validate,
            report=lambda progress: self._watch.report(stage, progress),
            should_stop=self._watch.should_stop,
            save_to=self._folder / f"{stage}.pt",
            fingerprint=f"{self._fingerprint}.{stage}.{config.epochs}.{before and before.key}",
        )
        outcome = self._train(encoder, material, config, hooks)
        if not outcome.finished:
            raise TrainingStopped
        if (first := warm_start.first_vectors_of(encoder, known)) is not None:
            self.starts[stage] = first
        return encoder, outcome

    def _train(
        self,
        encoder: Encoder[Any],
        material: TrainingData,
        config: TrainingConfig,
        hooks: TrainingHooks,
    ) -> TrainingOutcome:
        """Train in this process, or in those that were lent."""
        request, processes = self._request, self._watch.processes
        if processes is None:
            if hooks.save_to is not None:
                go_on_alone(hooks.save_to)
            draw = batch_factories.SOURCES[MODELS[request.model].batches]
            batches = draw(material, self._model_config, config, request.seed)
            return train(encoder, batches, config, hooks)
        job = TrainingJob(request.model, self._model_config, config, request.seed)
        return processes.train(encoder, job, material, self._folder / _FILES, hooks)

"""Fitting: train one model on some events, whatever it is made of, or continue where it stopped.

Touches no store.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.data import splits
from engine.data.interactions import Interactions
from engine.data.material import Material
from engine.evaluation.trend import best_half_life
from engine.experiments.request import Request
from engine.models import trainable
from engine.models.encoder import Embeddings, Encoder
from engine.models.entries import Entry
from engine.models.finished import Finished
from engine.training import seed, sources, warm
from engine.training.trainer import Hooks, Outcome, Progress, train
from engine.training.warm import Start, Starts


class Stopped(Exception):  # not an error: the caller asked for it
    """Training was asked to stop, its state is saved, and it can be continued."""


@dataclass(frozen=True)
class Watch:
    """How the caller follows and stops an experiment, and what its stages start from.

    Attributes:
        report: Called after every step.
        should_stop: Asked between steps.
        validated: Given each validation metric of the search; may raise to end it.
        warm: First vectors by stage, for models that can begin with them.
    """

    report: Callable[[str, Progress], None] = lambda _stage, _progress: None
    should_stop: Callable[[], bool] = lambda: False
    validated: Callable[[float], None] = lambda _metric: None
    warm: Starts = field(default_factory=dict)


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

    def __init__(self, material: Material, request: Request, folder: Path, watch: Watch) -> None:
        self._material, self._request = material, request
        self.starts: dict[str, Start] = {}
        self._folder, self._watch = folder, watch
        self._fingerprint = request.fingerprint(material)
        self._model_config, self._config = request.configs()

    def settle_recency(self, parts: splits.Split) -> None:
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
    ) -> tuple[Encoder[Any], Outcome]:
        """Train one model on some events, or continue it; a plain method is built.

        Raises:
            Stopped: It was asked to; the state is in the folder.
        """
        request, chosen = self._request, trainable(self._request.model)
        start = seed.generator(request.seed, "start")
        if not isinstance(chosen, Entry):
            method = Finished(chosen.build(known, self._model_config, start))
            metric = None if validate is None else validate(method.encode())
            return method, Outcome(True, 0, metric, ())
        material = self._material.of(known)
        encoder = chosen.build(material, self._model_config, start)
        if (before := self._watch.warm.get(stage)) is not None:
            warm.begin(encoder, before, known)
        config = self._config if epochs is None else replace(self._config, epochs=max(1, epochs))
        hooks = Hooks(
            validate=validate,
            report=lambda progress: self._watch.report(stage, progress),
            should_stop=self._watch.should_stop,
            save_to=self._folder / f"{stage}.pt",
            fingerprint=f"{self._fingerprint}.{stage}.{config.epochs}.{before and before.key}",
        )
        draw = sources.SOURCES[chosen.batches]
        batches = draw(material, self._model_config, config, request.seed)
        outcome = train(encoder, batches, config, hooks)
        if not outcome.finished:
            raise Stopped
        if (first := warm.taken(encoder, known)) is not None:
            self.starts[stage] = first
        return encoder, outcome

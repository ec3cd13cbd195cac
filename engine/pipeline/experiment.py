"""One honest experiment: search on validation, judge on test, then train on everything.

Three trainings of the same model: (1) ``search`` on the training part less a validation part
finds the number of epochs and the blend; (2) ``test`` on the whole training part is judged against
the baselines on events nobody has looked at; (3) ``final`` on all events is what gets published.
Touches no store. May import: ``training``, ``evaluation``, ``models``, ``engine.data``.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

import engine
from engine.data import splits
from engine.data.interactions import Interactions
from engine.errors import UsageError
from engine.evaluation import blend, ranking
from engine.evaluation.blend import Blend
from engine.evaluation.comparison import BLEND, Comparison, compare, verdicts
from engine.evaluation.trend import Trend, best_half_life, fold, popularity_of
from engine.models import entry
from engine.models.encoder import Embeddings, Encoder
from engine.models.options import configure, describe
from engine.models.popular import RecentPopular
from engine.training import seed
from engine.training.options import TrainingConfig
from engine.training.trainer import Hooks, Outcome, Progress, train

_VALID_OF_TRAIN = 0.125


class Stopped(Exception):  # not an error: the caller asked for it
    """Training was asked to stop, its state is saved, and it can be continued."""


@dataclass(frozen=True)
class Request:
    """What to train and how to judge it.

    Attributes:
        settings: Texts of ``--set``, of the model's config or of ``TrainingConfig``.
        split: How train and test are cut; the validation part is cut from train the same way.
        fraction: Share of the test part.
        refit: Train a last time on all events; otherwise the ``test`` model is the final one.
    """

    model: str = "lightgcn"
    settings: Mapping[str, str] = field(default_factory=dict)
    split: splits.SplitKind = "time"
    fraction: float = 0.2
    seed: int = 0
    refit: bool = True

    def configs(self) -> tuple[Any, TrainingConfig]:
        """Return the model's config and that of training.

        Raises:
            UsageError: A setting is unknown or its value is not allowed.
            UnknownModel: There is no such model.
        """
        chosen = entry(self.model)
        kind = chosen.config
        shared = {one.name for one in fields(TrainingConfig)}
        own = {one.name for one in fields(kind)}
        for name in self.settings:
            if name not in shared | own:
                raise UsageError(
                    f"there is no setting {name}",
                    hint=f"use --set with one of {', '.join(sorted(shared | own))}",
                )
        of_training = dict(chosen.training)
        of_training |= {name: text for name, text in self.settings.items() if name in shared}
        of_model = {name: text for name, text in self.settings.items() if name not in shared}
        return configure(kind, of_model), configure(TrainingConfig, of_training)

    def effective(self) -> dict[str, Any]:
        """Return every setting with its value, defaults included."""
        model, training = self.configs()
        return {"split": self.split, "fraction": self.fraction} | asdict(model) | asdict(training)

    def fingerprint(self, interactions: Interactions) -> str:
        """Return what must be equal for a stopped run to be continued: version, request, data."""
        digest = blake2b(digest_size=12)
        head = [
            engine.__version__,  # another version's state may mean something else
            self.model,
            self.effective(),
            self.seed,
            interactions.users.content_hash,
            interactions.items.content_hash,
        ]
        digest.update(json.dumps(head, sort_keys=True).encode())
        columns = (interactions.event, interactions.item, interactions.at, interactions.user)
        order = np.lexsort(columns)  # a store may hand over events of one moment in any order
        for column in columns:
            digest.update(column[order].tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Watch:
    """How the caller follows and stops an experiment."""

    report: Callable[[str, Progress], None] = lambda _stage, _progress: None
    should_stop: Callable[[], bool] = lambda: False


@dataclass(frozen=True)
class Result:
    """What an experiment found."""

    encoder: Encoder
    embeddings: Embeddings
    trend: Trend
    blend: Blend
    epochs: int
    valid_metric: float
    comparisons: list[Comparison]

    def metrics(self) -> dict[str, float]:
        """Return all figures under flat names such as ``unseen.blend.ndcg@20``."""
        flat = {"valid.ndcg@20": self.valid_metric, "epochs": float(self.epochs)}
        for one in self.comparisons:
            mode = "seen" if one.seen else "unseen"
            for name, value in one.means.items():
                flat[f"{mode}.{one.method}.{name}"] = value
            for name, gap in one.against_blend.items():
                flat[f"{mode}.blend-{one.method}.{name}"] = gap.mean
                flat[f"{mode}.blend-{one.method}.{name}.low"] = gap.low
                flat[f"{mode}.blend-{one.method}.{name}.high"] = gap.high
        return flat

    def verdicts(self) -> list[str]:
        """Say, for lists with and without seen items, who won."""
        return verdicts(self.comparisons)


def describe_settings(model: str) -> list[dict[str, Any]]:
    """Return name, default, range and meaning of every setting of ``model``."""
    chosen = entry(model)
    rows = [asdict(one) for kind in (chosen.config, TrainingConfig) for one in describe(kind)]
    own = asdict(configure(TrainingConfig, chosen.training))
    return [row | {"default": own.get(row["name"], row["default"])} for row in rows]


class _Experiment:
    """The three trainings, with their common settings and the folder of their states."""

    def __init__(
        self, interactions: Interactions, request: Request, folder: Path, watch: Watch
    ) -> None:
        self._request, self._folder, self._watch = request, folder, watch
        self._fingerprint = request.fingerprint(interactions)
        self._model_config, self._config = request.configs()

    def settle_recency(self, parts: splits.Split) -> None:
        """Replace a recency of -1 by the half-life that the validation part speaks for."""
        if self._config.recency < 0:
            days = best_half_life(parts.earlier, parts.later)
            self._config = replace(self._config, recency=days)

    def fit(
        self,
        stage: str,
        pairs: Interactions,
        *,
        epochs: int | None = None,
        validate: Callable[[Embeddings], float] | None = None,
    ) -> tuple[Encoder, Outcome]:
        """Train one model, or continue it.

        Raises:
            Stopped: It was asked to; the state is in the folder.
        """
        request = self._request
        encoder = entry(request.model).build(
            pairs, self._model_config, seed.generator(request.seed, "start")
        )
        config = self._config if epochs is None else replace(self._config, epochs=max(1, epochs))
        hooks = Hooks(
            validate=validate,
            report=lambda progress: self._watch.report(stage, progress),
            should_stop=self._watch.should_stop,
            save_to=self._folder / f"{stage}.pt",
            fingerprint=f"{self._fingerprint}.{stage}.{config.epochs}",
        )
        outcome = train(encoder, pairs, config, hooks, run_seed=request.seed)
        if not outcome.finished:
            raise Stopped
        return encoder, outcome


def run(
    interactions: Interactions, request: Request, folder: Path, watch: Watch | None = None
) -> Result:
    """Carry out the experiment; states to continue from are kept in ``folder``.

    Raises:
        Stopped: ``watch.should_stop`` said so; call again with the same arguments to continue.
        DataError: The split leaves nothing to train or to test on.
    """
    experiment = _Experiment(interactions, request, folder, watch or Watch())
    outer = splits.split(
        interactions, request.split, seed.generator(request.seed, "split"), request.fraction
    )
    # A given split has no second one; what it trains on is cut at random for validation.
    inner_kind: splits.SplitKind = "random" if request.split == "given" else request.split
    inner = splits.split(
        outer.earlier, inner_kind, seed.generator(request.seed, "valid"), _VALID_OF_TRAIN
    )
    question = ranking.thinned(ranking.task(inner.earlier, inner.later, include_seen=False))

    popular = popularity_of(inner)

    def validate(embeddings: Embeddings) -> float:
        return blend.promise(embeddings.score, popular, question)

    experiment.settle_recency(inner)
    encoder, search = experiment.fit("search", inner.earlier, validate=validate)
    cosine = encoder.config.scoring == "cosine"
    plain = encoder.encode()
    trend, weights = blend.choose(
        (plain.users, plain.items), inner.earlier, inner.later, cosine=cosine
    )
    encoder, _ = experiment.fit("test", outer.earlier, epochs=search.epochs)
    served = _folded(encoder, outer.earlier, trend)
    comparisons = compare(
        {
            BLEND: blend.scorer(served.score, outer.earlier, weights),
            request.model: encoder.encode().score,
        },
        {"recent-popular": RecentPopular(outer.earlier, trend.half_life_days).score},
        outer,
        lambda: seed.generator(request.seed, "bootstrap"),
    )
    if request.refit:
        encoder, _ = experiment.fit("final", interactions, epochs=search.epochs)
        served = _folded(encoder, interactions, trend)
    return Result(encoder, served, trend, weights, search.epochs, search.metric or 0.0, comparisons)


def _folded(encoder: Encoder, known: Interactions, trend: Trend) -> Embeddings:
    """Return the vectors as they are published: with the trend's coordinate."""
    plain = encoder.encode()
    cosine = encoder.config.scoring == "cosine"
    return Embeddings(*fold(plain.users, plain.items, known, trend, cosine=cosine))

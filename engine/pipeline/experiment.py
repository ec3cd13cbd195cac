"""One honest experiment: search on validation, judge on test, then train on everything.

Three trainings of the same model: (1) ``search`` on the training part less a validation part
finds the number of epochs and the blend; (2) ``test`` on the whole training part is judged against
the baselines on events nobody has looked at; (3) ``final`` on all events is what gets published.
Touches no store. May import: ``fitting``, ``request``, ``evaluation``, ``models``, ``data``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.data import splits
from engine.data.interactions import Interactions
from engine.data.material import Material
from engine.evaluation import blend, ranking
from engine.evaluation.blend import Blend
from engine.evaluation.comparison import BLEND, Comparison, compare, verdicts
from engine.evaluation.trend import Trend, fold, popularity_of
from engine.models.encoder import Embeddings, Encoder
from engine.models.popular import RecentPopular
from engine.pipeline.fitting import Fitting, Watch
from engine.pipeline.request import Request
from engine.training import seed

_VALID_OF_TRAIN = 0.125


@dataclass(frozen=True)
class Result:
    """What an experiment found."""

    encoder: Encoder[Any]
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


def run(material: Material, request: Request, folder: Path, watch: Watch | None = None) -> Result:
    """Carry out the experiment; states to continue from are kept in ``folder``.

    Raises:
        Stopped: ``watch.should_stop`` said so; call again with the same arguments to continue.
        DataError: The split leaves nothing to train or to test on.
    """
    experiment = Fitting(material, request, folder, watch or Watch())
    outer = splits.split(
        material.events, request.split, seed.generator(request.seed, "split"), request.fraction
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
        encoder, _ = experiment.fit("final", material.events, epochs=search.epochs)
        served = _folded(encoder, material.events, trend)
    return Result(encoder, served, trend, weights, search.epochs, search.metric or 0.0, comparisons)


def _folded(encoder: Encoder[Any], known: Interactions, trend: Trend) -> Embeddings:
    """Return the vectors as they are published: with the trend's coordinate."""
    plain = encoder.encode()
    cosine = encoder.config.scoring == "cosine"
    users, items = fold(plain.users, plain.items, known, trend, cosine=cosine)
    return Embeddings(users, items, plain.entities)

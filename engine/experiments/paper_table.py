"""The table of published figures, made again on this machine: LightGCN and NGCF, 1 to 4 layers.

A row is trained twice: once without a fifth of the training part, held out in blocks, which says
how much popularity to add to the scores, then on the whole. The test part is looked at once, by
what the second came to. Touches no store.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from engine import private_files
from engine.data import splits
from engine.data.reading.adjacency_lists import read_split
from engine.data.splits import Split
from engine.data.training_data import TrainingData
from engine.errors import UsageError
from engine.evaluation import blend, published_figures, ranking
from engine.evaluation.blend import Blend
from engine.evaluation.ranking import RankingTask, UserScorer
from engine.experiments.fitting import FitObserver, Fitting
from engine.experiments.training_request import TrainingRequest
from engine.training import seed
from engine.training.device import DeviceName, default_device

LAYERS = (1, 2, 3, 4)
METRICS = ("recall@20", "ndcg@20")
_PAIRS = ("published", "reached", "plain")
_SHARED = {
    "shuffle": "users",
    "batch_size": "110000",
    "negative_count": "16384",
    "learning_rate": "0.1",
    "decay": "linear",
    "epochs": "30",
}
SETTINGS: dict[str, dict[str, str]] = {
    "lightgcn": _SHARED | {"temperature": "0.12"},
    # A pass costs thrice as much.
    "ngcf": _SHARED | {"learning_rate": "0.02", "epochs": "8"},
}
"""Model to its settings; how they came about, and what of it looked at the test part, stands in
docs/results.md."""
_VALID_OF_TRAIN = 0.2
_ASKED = 12_000
_COARSE = tuple(step / 5 for step in range(7))
_FINE = tuple(step / 20 for step in range(-3, 4))


@dataclass(frozen=True)
class PaperTableRow:
    """One model with one number of layers.

    Attributes:
        published: recall@20 and ndcg@20 of the paper, or None.
        reached: The same here on the test part, by the score that is served.
        plain: The same without popularity.
        popularity_weight: What popularity counts in it.
        epochs: Passes over the training part.
        seconds: Of the second training, the decomposition for the first vectors included.
    """

    data: str
    model: str
    layers: int
    seed: int
    published: tuple[float, float] | None
    reached: tuple[float, float]
    plain: tuple[float, float]
    popularity_weight: float
    epochs: int
    seconds: float


@dataclass(frozen=True)
class PaperTableRequest:
    """What table is wanted.

    Attributes:
        folder: Holds ``train.txt`` and ``test.txt``.
        settings: Change those of ``SETTINGS``.
        keep: Folder of finished rows and of states to continue from.
    """

    folder: Path
    keep: Path
    models: Sequence[str] = ("lightgcn", "ngcf")
    layers: Sequence[int] = LAYERS
    seed: int = 0
    settings: Mapping[str, str] | None = None
    device: DeviceName = "cpu"


def paper_table(
    order: PaperTableRequest,
    watch: FitObserver,
    done: Callable[[PaperTableRow], None] = lambda _row: None,
) -> list[PaperTableRow]:
    """Train every row that is not there yet and return all.

    Raises:
        DataError: The folder holds no such split.
        UsageError: A model has no place in the table.
        Stopped: ``watch`` asked for it; the same call goes on where it stopped.
    """
    for model in order.models:
        if model not in SETTINGS:
            raise UsageError(
                f"the table has no {model}", hint=f"--models with {', '.join(SETTINGS)}"
            )
    parts = read_split(order.folder)
    question = ranking.task(parts.earlier, parts.later, include_seen=False)
    rows = []
    for model in order.models:
        for layers in order.layers:
            request = _request(order, model, layers)
            with default_device(order.device):
                row = _row(parts, question, order, request, watch)
            rows.append(row)
            done(row)
    return rows


def _request(order: PaperTableRequest, model: str, layers: int) -> TrainingRequest:
    settings = SETTINGS[model] | dict(order.settings or {}) | {"layers": str(layers)}
    return TrainingRequest(model=model, settings=settings, split="given", seed=order.seed)


def _row(
    parts: Split,
    question: RankingTask,
    order: PaperTableRequest,
    request: TrainingRequest,
    watch: FitObserver,
) -> PaperTableRow:
    material = TrainingData(parts.earlier)
    place = order.keep / request.fingerprint(material)
    finished = place / "row.json"
    if finished.exists():
        saved = json.loads(finished.read_text(encoding="utf-8"))
        pairs = {name: saved[name] and tuple(saved[name]) for name in _PAIRS}
        return PaperTableRow(**(saved | pairs))
    data, layers = published_figures.recognise(parts), int(request.settings["layers"])
    name = f"{request.model}, {layers} layers"
    own = FitObserver(lambda stage, now: watch.report(f"{name}: {stage}", now), watch.should_stop)
    fitting = Fitting(material, request, place, own)
    weights = _blend(parts, request, fitting)
    began = time.monotonic()
    encoder, outcome = fitting.fit("train", parts.earlier)
    seconds = time.monotonic() - began
    plain = encoder.encode().score
    row = PaperTableRow(
        data=data.name,
        model=request.model,
        layers=layers,
        seed=request.seed,
        published=data.figures.get((request.model, layers)),
        reached=_figures(question, blend.scorer(plain, parts.earlier, weights)),
        plain=_figures(question, plain),
        popularity_weight=weights.popularity_weight,
        epochs=outcome.epochs,
        seconds=seconds,
    )
    private_files.write_text(finished, json.dumps(asdict(row)))
    for stage in ("search", "train"):
        (place / f"{stage}.pt").unlink(missing_ok=True)
    return row


def _figures(question: RankingTask, score: UserScorer) -> tuple[float, float]:
    means = ranking.evaluate(question, score, (20,)).means
    return means["recall@20"], means["ndcg@20"]


def _blend(parts: Split, request: TrainingRequest, fitting: Fitting) -> Blend:
    """Return the blend that held-out blocks speak for."""
    inner = splits.split(
        parts.earlier,
        splits.within("given"),
        seed.generator(request.seed, "valid"),
        _VALID_OF_TRAIN,
    )
    whole = ranking.task(inner.earlier, inner.later, include_seen=False)
    question = replace(whole, users=whole.users[:: -(-len(whole.users) // _ASKED)])
    plain = fitting.fit("search", inner.earlier)[0].encode().score

    def ndcg(one: Blend) -> float:
        return _figures(question, blend.scorer(plain, inner.earlier, one))[1]

    near = max((Blend(weight) for weight in _COARSE), key=ndcg).popularity_weight
    return max((Blend(round(near + step, 2)) for step in _FINE if near + step >= 0), key=ndcg)

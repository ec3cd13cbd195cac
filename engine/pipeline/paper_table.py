"""The table of published figures, made again on this machine: LightGCN and NGCF, 1 to 4 layers.

The test part is looked at once, by the finished model: how long to train can be found on a tenth of
the training part (``--search``). Touches no store. May import: ``fitting``,
``request``, ``training``, ``evaluation``, ``models``, ``data``.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from engine.data import splits
from engine.data.adjacency_lists import read_split
from engine.data.material import Material
from engine.data.splits import Split
from engine.errors import UsageError
from engine.evaluation import published, ranking
from engine.evaluation.ranking import Task
from engine.models.encoder import Embeddings
from engine.pipeline.fitting import Fitting, Watch
from engine.pipeline.request import Request
from engine.training import seed

LAYERS = (1, 2, 3, 4)
METRICS = ("recall@20", "ndcg@20")
SETTINGS: dict[str, dict[str, str]] = {
    model: {"batch_size": "32768", "negative_count": "1024", "decay": "linear", "epochs": "40"}
    for model in ("lightgcn", "ngcf")
}
"""Model to its settings: a first guess, still to be tuned. LightGCN with 3 layers stays below the
published figures with it (recall@20 .151, ndcg@20 .113 on Gowalla)."""
_VALID_OF_TRAIN = 0.1
_ASKED_IN_SEARCH = 4_000


@dataclass(frozen=True)
class Row:
    """One model with one number of layers.

    Attributes:
        published: recall@20 and ndcg@20 of the paper, or None.
        reached: The same here, on the test part.
        epochs: Passes over the training part.
        seconds: Of training, the decomposition for the first vectors included.
    """

    data: str
    model: str
    layers: int
    seed: int
    published: tuple[float, float] | None
    reached: tuple[float, float]
    epochs: int
    seconds: float


@dataclass(frozen=True)
class Order:
    """What table is wanted.

    Attributes:
        folder: Holds ``train.txt`` and ``test.txt``.
        settings: Change those of ``SETTINGS``.
        search: Find the number of epochs on a part of the training part first.
        keep: Folder of finished rows and of states to continue from.
    """

    folder: Path
    keep: Path
    models: Sequence[str] = ("lightgcn", "ngcf")
    layers: Sequence[int] = LAYERS
    seed: int = 0
    settings: Mapping[str, str] | None = None
    search: bool = False


def paper_table(
    order: Order, watch: Watch, done: Callable[[Row], None] = lambda _row: None
) -> list[Row]:
    """Train every row that is not there yet and return all.

    Raises:
        DataError: The folder holds no such split.
        UsageError: A model has no place in the table.
        Stopped: ``watch`` said so; the same call goes on where it stopped.
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
            row = _row(parts, question, order, _request(order, model, layers), watch)
            rows.append(row)
            done(row)
    return rows


def _request(order: Order, model: str, layers: int) -> Request:
    settings = SETTINGS[model] | dict(order.settings or {}) | {"layers": str(layers)}
    return Request(model=model, settings=settings, split="given", seed=order.seed)


def _row(parts: Split, question: Task, order: Order, request: Request, watch: Watch) -> Row:
    material = Material(parts.earlier)
    place = order.keep / request.fingerprint(material)
    finished = place / f"row{'-searched' if order.search else ''}.json"
    if finished.exists():
        saved = json.loads(finished.read_text(encoding="utf-8"))
        pairs = {name: saved[name] and tuple(saved[name]) for name in ("published", "reached")}
        return Row(**(saved | pairs))
    data, layers = published.recognise(parts), int(request.settings["layers"])
    name = f"{request.model}, {layers} layers"
    own = Watch(lambda stage, now: watch.report(f"{name}: {stage}", now), watch.should_stop)
    fitting = Fitting(material, request, place, own)
    epochs = _searched(parts, request, fitting) if order.search else None
    began = time.monotonic()
    encoder, outcome = fitting.fit("train", parts.earlier, epochs=epochs)
    seconds = time.monotonic() - began
    means = ranking.evaluate(question, encoder.encode().score, (20,)).means
    row = Row(
        data=data.name,
        model=request.model,
        layers=layers,
        seed=request.seed,
        published=data.figures.get((request.model, layers)),
        reached=(means["recall@20"], means["ndcg@20"]),
        epochs=outcome.epochs,
        seconds=seconds,
    )
    finished.write_text(json.dumps(asdict(row)), encoding="utf-8")
    (place / "train.pt").unlink(missing_ok=True)
    return row


def _searched(parts: Split, request: Request, fitting: Fitting) -> int:
    """Return the number of epochs that a tenth of the training part speaks for."""
    inner = splits.split(
        parts.earlier, "random", seed.generator(request.seed, "valid"), _VALID_OF_TRAIN
    )
    whole = ranking.task(inner.earlier, inner.later, include_seen=False)
    step = -(-len(whole.users) // _ASKED_IN_SEARCH)
    question = replace(whole, users=whole.users[::step])

    def validate(embeddings: Embeddings) -> float:
        return ranking.evaluate(question, embeddings.score, (20,)).means["ndcg@20"]

    return fitting.fit("search", inner.earlier, validate=validate)[1].epochs

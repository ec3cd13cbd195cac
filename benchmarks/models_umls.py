"""ComplEx, DistMult and RotatE on UMLS beside PyKEEN's: the same budget, chosen on valid.

python -m benchmarks.models_umls FOLDER [EPOCHS] [complex|distmult|rotate]

FOLDER and what is measured: as in `benchmarks/transe_umls.py`, which does it for TransE. Both sides
get as many settings to try, 128 reals to an entity (64 complex numbers; DistMult 256), batches of
256 and as many epochs, with Adam and a step that falls to 0 in a line; the test part is judged
once, with the setting that is best on valid. ComplEx and DistMult: a softmax over all entities,
with inverse relations and without, N3. PyKEEN's is cross entropy in its symmetric LCWA loop, or
with inverse relations in the LCWA loop, which asks each (head, relation) once for all its tails;
and power sums of p = 3, which count every candidate where the paper counts the triple's, so its
weights are of another size. RotatE: self-adversarial loss, Euclidean distance. PyKEEN is no part of
the project (`pip install pykeen` in an environment of its own); without it ours stand alone.
"""

import importlib.util
import sys
from pathlib import Path
from typing import Any

from benchmarks.transe_umls import (
    BATCH,
    DIMENSION,
    Evaluate,
    Umls,
    best,
    by_both,
    factories,
    material,
    read,
)
from engine.evaluation import triple_ranking
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS
from engine.training import seed
from engine.training.batch_factories import SOURCES
from engine.training.trainer import TrainingHooks, train

REALS = {"complex": DIMENSION, "distmult": 2 * DIMENSION, "rotate": DIMENSION}
EPOCHS = {"complex": 60, "distmult": 60, "rotate": 300}
# Weight of N3, learning rate, whether with inverse relations; of RotatE margin, learning rate.
OURS = {
    "complex": (*((n3, 0.1, False) for n3 in (0.01, 0.02, 0.05)), (0.02, 0.1, True)),
    "distmult": (*((n3, 0.2, True) for n3 in (0.03, 0.05, 0.07)), (0.05, 0.2, False)),
    "rotate": tuple((margin, 0.1, False) for margin in (6.0, 8.0, 9.0, 12.0)),
}
THEIRS = {
    "complex": tuple((weight, 0.1, inverse) for weight in (0.001, 0.01) for inverse in (0, 1)),
    "distmult": tuple((weight, 0.1, inverse) for weight in (0.001, 0.01) for inverse in (0, 1)),
    "rotate": OURS["rotate"],
}
NAMES = {"complex": "ComplEx", "distmult": "DistMult", "rotate": "RotatE"}
Setting = tuple[float, float, bool]


def ours(data: Umls, name: str, setting: Setting, epochs: int) -> Evaluate:
    """Train, and return what evaluates."""
    first, rate, inverse = setting
    own: dict[str, object] = {"n3": first, "inverse": inverse}
    if name == "rotate":
        own = {"margin": first, "temperature": 1}
    settings = own | {
        "dimension": REALS[name],
        "scoring": "dot",
        "start": "normal",
        "l2": 0.0,
        "recency": 0,
        "learning_rate": rate,
        "decay": "linear",
        "batch_size": BATCH,
        "epochs": epochs,
        "negative_count": len(data.entities),
    }
    request = TrainingRequest(name, {key: str(value) for key, value in settings.items()})
    entry, graph = MODELS[name], material(data)
    config, training = request.configs_for(graph.events)
    model: Any = entry.build(graph, config, seed.generator(0, "start"))
    train(model, SOURCES["triples"](graph, config, training, 0), training, TrainingHooks())
    return lambda asked: triple_ranking.evaluate(
        asked, data.all, model.graph.score_tails, model.graph.score_heads, len(data.entities)
    ).metrics()


def theirs(data: Umls, name: str, setting: Setting, epochs: int) -> Evaluate:
    """Train PyKEEN's model, and return what evaluates: its own evaluator, then ours."""
    from pykeen.pipeline import pipeline

    first, rate, inverse = setting
    parts = factories(data, create_inverse_triples=bool(inverse))
    found = pipeline(
        training=parts[0],
        validation=parts[1],
        testing=parts[2],
        model=NAMES[name],
        optimizer="Adam",
        optimizer_kwargs={"lr": rate},
        lr_scheduler="LinearLR",
        lr_scheduler_kwargs={"start_factor": 1.0, "end_factor": 0.0, "total_iters": epochs},
        training_kwargs={"num_epochs": epochs, "batch_size": BATCH, "use_tqdm": False},
        evaluation_kwargs={"use_tqdm": False},
        random_seed=0,
        device="cpu",
        **(_adversarial(first) if name == "rotate" else _one_to_all(name, first, bool(inverse))),
    )
    return by_both(found.model.eval(), data)


def _adversarial(margin: float) -> dict[str, Any]:
    return {
        "model_kwargs": {"embedding_dim": REALS["rotate"] // 2},
        "loss": "NSSALoss",
        "loss_kwargs": {"margin": margin, "adversarial_temperature": 1.0},
        "training_loop": "sLCWA",
        "negative_sampler": "basic",
        "negative_sampler_kwargs": {"num_negs_per_pos": 64},
    }


def _one_to_all(name: str, weight: float, inverse: bool) -> dict[str, Any]:
    cubes = {"regularizer": "powersum", "regularizer_kwargs": {"weight": weight, "p": 3.0}}
    # Its own start, normal numbers of deviation 1, was at .16 on valid where this was at .90.
    begin = {"entity_initializer": "xavier_normal", "relation_initializer": "xavier_normal"}
    kwargs: dict[str, Any] = {"embedding_dim": REALS[name] // 2} | cubes | begin
    if name == "distmult":
        # By default its entities have unit length, which the softmax of 1-N cannot use.
        kwargs = {"embedding_dim": REALS[name], "entity_constrainer": None} | cubes
        kwargs["entity_representations_kwargs"] = cubes
    return {
        "model_kwargs": kwargs,
        "loss": "CrossEntropyLoss",
        "training_loop": "LCWA" if inverse else "SymmetricLCWA",
    }


def main() -> None:
    data = read(Path(sys.argv[1]))
    given = int(sys.argv[2]) if len(sys.argv) > 2 else None
    beside = importlib.util.find_spec("pykeen") is not None
    if not beside:
        print("PyKEEN is not installed; pip install pykeen puts it beside ours", file=sys.stderr)
    rows = {}
    for name in sys.argv[3:] or OURS:
        epochs = given or EPOCHS[name]
        rows[f"{name}, ours"] = best(
            "ours", data, OURS[name], lambda one, name=name, n=epochs: ours(data, name, one, n)
        )
        if beside:
            rows[f"{name}, PyKEEN"] = best(
                "PyKEEN",
                data,
                THEIRS[name],
                lambda one, name=name, n=epochs: theirs(data, name, one, n),
            )
    names = ("mr", "mrr", "hits@1", "hits@3", "hits@10", "seconds")
    print(f"{'test':18}" + "".join(f"{name:>9}" for name in names))
    for side, found in rows.items():
        print(f"{side:18}" + "".join(f"{found[name]:9.4f}" for name in names))


if __name__ == "__main__":
    main()

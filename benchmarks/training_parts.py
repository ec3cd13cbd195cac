"""The parts of training and judging, each beside the obvious way, in one run.

python -m benchmarks.training_parts gowalla/

Propagation: three layers over all nodes, forward and backward; beside it torch.sparse with autograd
and PyTorch-Geometric's LightGCN. Batches: an epoch of pairs and negatives; beside it the loop of
the published code, a user, an item and one it has not, at a time. Loss: sampled softmax of whole
users against shared negatives, forward and backward; beside it the same in autograd, and with
products of bfloat16. Evaluation: every user over every item, beside one user at a time (a tenth of
them, times ten). Best of three. Last, an epoch of LightGCN as the paper's table is
made here, beside one as it was published: BPR, 2,048 pairs a step and the whole graph propagated
for each, PyTorch-Geometric's own (a few steps, times as many as there are).
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from torch_geometric.nn import LightGCN as PyGLightGCN

from engine.data.interactions import Interactions
from engine.data.reading.adjacency_lists import read_split
from engine.data.splits import Split
from engine.data.training_data import TrainingData
from engine.evaluation import ranking
from engine.experiments.paper_table import SETTINGS
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS
from engine.models.collaborative import compared
from engine.models.encoder import Embeddings, PairComparison
from engine.models.normalised_adjacency import normalised
from engine.models.propagation import Adjacency, propagate
from engine.training import losses
from engine.training.batch_factories import SOURCES
from engine.training.batches import PairBatches, Sampling
from engine.training.trainer import TrainingHooks
from engine.training.trainer import train as train_

_LAYERS, _WIDTH = 3, 64
_PUBLISHED_BATCH, _FEW_STEPS = 2_048, 4
_TIMES = 3


def seconds(work: Callable[[], object], times: int = _TIMES) -> float:
    """Return the best of some tries."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def told(what: str, ours: float, others: dict[str, float]) -> None:
    """Print a part's seconds and how many times longer the others take."""
    beside = ", ".join(
        f"{name} {took:.2f} s ({took / ours:.1f} x)" for name, took in others.items()
    )
    print(f"{what}: {ours:.2f} s; {beside}", flush=True)


def propagation(train: Interactions) -> None:
    count = train.n_users + train.n_items
    vectors = torch.randn(count, _WIDTH, requires_grad=True)
    alphas = (1.0 / (_LAYERS + 1),) * (_LAYERS + 1)
    adjacency = Adjacency(train)
    upper = normalised(train).tocoo()
    users, items = (torch.from_numpy(rows.astype(np.int64)) for rows in upper.coords)
    ends = torch.stack(
        (torch.cat((users, items + train.n_users)), torch.cat((items + train.n_users, users)))
    )
    values = torch.from_numpy(upper.data).repeat(2)
    matrix = torch.sparse_coo_tensor(ends, values, (count, count)).coalesce()
    other = PyGLightGCN(count, _WIDTH, _LAYERS)

    def ours() -> None:
        propagate(vectors, adjacency, alphas).sum().backward()

    def autograd() -> None:
        layer = total = vectors
        for _ in range(_LAYERS):
            layer = torch.sparse.mm(matrix, layer)
            total = total + layer
        (total / (_LAYERS + 1)).sum().backward()

    def pyg() -> None:
        other.get_embedding(ends).sum().backward()

    told("propagation", seconds(ours), {"torch.sparse": seconds(autograd), "PyG": seconds(pyg)})


def batches(train: Interactions) -> None:
    source = PairBatches(train, Sampling(4096, "uniform", 512, 0))
    had = np.split(train.csr(binary=True).indices, train.csr(binary=True).indptr[1:-1])
    own = [set(rows.tolist()) for rows in had]
    draw = np.random.default_rng(0)

    def loop() -> None:
        for user in draw.integers(0, train.n_users, len(train)):
            if not own[user]:
                continue
            had[user][draw.integers(len(had[user]))]
            while draw.integers(train.n_items) in own[user]:
                pass

    told(
        "an epoch's batches",
        seconds(lambda: [source.batch(0, step) for step in range(source.steps)]),
        {"a pair at a time": seconds(loop, 1)},
    )


def loss(train: Interactions) -> None:
    source = PairBatches(train, Sampling(30_000, "uniform", 8_192, 0, shuffle="users"))
    batch = source.batch(0, 0)
    vectors = F.normalize(torch.randn(train.n_users + train.n_items, _WIDTH), dim=1)
    users, owner = torch.unique_consecutive(batch.users, return_inverse=True)
    rows = users, batch.positives + train.n_users, batch.negatives + train.n_users
    parts = [vectors[row].requires_grad_() for row in rows]

    def whole(one: PairComparison) -> torch.Tensor:
        # A user's scores against the negatives once more for every pair it has.
        logits = torch.cat((one.own[:, None], one.others), dim=1) / 0.1
        return (torch.logsumexp(logits, dim=1) - logits[:, 0]).mean()

    def step(rule: Callable[[PairComparison], torch.Tensor]) -> None:
        rule(compared(parts[0], parts[1], parts[2], batch, owner)).backward()

    told(
        f"loss of {len(batch.positives):,} pairs x {len(batch.negatives):,} negatives",
        seconds(lambda: step(losses.softmax(0.1))),
        {
            "autograd": seconds(lambda: step(whole)),
            "with products of bfloat16": seconds(lambda: step(losses.softmax(0.1, "bfloat16"))),
        },
    )


def evaluation(parts: Split) -> None:
    draw = np.random.default_rng(0)
    train = parts.earlier
    users, items = (
        draw.standard_normal((count, _WIDTH)).astype(np.float32)
        for count in (train.n_users, train.n_items)
    )
    question = ranking.task(train, parts.later, include_seen=False)
    score = Embeddings(users, items).score
    hidden, relevant = train.csr(binary=True), question.relevant
    some = question.users[::10]

    def alone() -> None:
        for user in some:
            scores = items @ users[user]
            scores[hidden[[user]].indices] = -np.inf
            best = np.argsort(-scores)[:20]
            np.isin(best, relevant[[user]].indices)

    told(
        f"evaluation of {len(question.users):,} users over {train.n_items:,} items",
        seconds(lambda: ranking.evaluate(question, score, (20,)), 2),
        {"a user at a time": 10 * seconds(alone, 1)},
    )


def epoch(train: Interactions) -> None:
    request = TrainingRequest("lightgcn", SETTINGS["lightgcn"] | {"recency": "0"})
    model, config = request.configs_for(train)
    encoder = MODELS["lightgcn"].build(TrainingData(train), model, np.random.default_rng(0))
    source = SOURCES["pairs"](TrainingData(train), model, config, 0)
    matrix = train.csr(binary=True).tocoo()
    pairs = torch.from_numpy(np.stack(matrix.coords).astype(np.int64))
    pairs[1] += train.n_users
    both = torch.cat((pairs, pairs.flip(0)), dim=1)
    other = PyGLightGCN(train.n_users + train.n_items, _WIDTH, _LAYERS)
    optimiser = torch.optim.Adam(other.parameters(), lr=1e-3)

    def published() -> None:
        for _ in range(_FEW_STEPS):
            chosen = pairs[:, torch.randint(pairs.shape[1], (_PUBLISHED_BATCH,))]
            wrong = torch.randint(train.n_items, (_PUBLISHED_BATCH,)) + train.n_users
            labels = torch.cat((chosen, torch.stack((chosen[0], wrong))), dim=1)
            ranks = other(both, labels).chunk(2)
            optimiser.zero_grad()
            value = other.recommendation_loss(*ranks, node_id=labels.unique(), lambda_reg=1e-4)
            value.backward()
            optimiser.step()

    steps = -(-pairs.shape[1] // _PUBLISHED_BATCH)
    one = replace(config, epochs=1)
    told(
        f"an epoch of LightGCN, {source.steps} steps",
        seconds(lambda: train_(encoder, source, one, TrainingHooks())),
        {f"published, {steps} steps": steps / _FEW_STEPS * seconds(published)},
    )


def main(folder: Path) -> None:
    """Print every part's seconds beside the obvious way's."""
    parts = read_split(folder)
    propagation(parts.earlier)
    batches(parts.earlier)
    loss(parts.earlier)
    evaluation(parts)
    epoch(parts.earlier)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

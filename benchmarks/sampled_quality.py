"""What a fan-out costs in quality: a PyG GraphSAGE on ml-100k, whole and through Neo4j.

ENGINE_NEO4J_URI=... ENGINE_NEO4J_PASSWORD=... python -m benchmarks.sampled_quality ml-100k/ [SEEDS]

The same two layers, the same loss (BPR) and as many steps: on the whole graph pulled once, and on
subgraphs that PyG's own LinkLoader has Cypher sample. Both are judged with all neighbours, on a
fifth of the events held out. What is in the graph is replaced.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData
from torch_geometric.loader import LinkLoader
from torch_geometric.nn import HeteroConv, SAGEConv
from torch_geometric.sampler import NegativeSampling

from benchmarks import gowalla, offline
from engine.data import splits
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.evaluation import ranking
from engine.evaluation.ranking import RankingTask
from engine.graph.pyg import (
    Neo4jFeatureStore,
    Neo4jGraphStore,
    Neo4jSampler,
    Prefetched,
    to_hetero_data,
)
from engine.store.graph_client import GraphClient

_EDGES = ("User", "INTERACTED", "Item")
_FANOUTS = ([15, 10], [5, 5])
_WIDTH, _BATCH, _EPOCHS = 64, 8_192, 40
Triplets = tuple[Tensor, Tensor, Tensor]


class _Sage(nn.Module):
    """Learned vectors, two layers of GraphSAGE, all layers side by side."""

    def __init__(self, store: Neo4jGraphStore) -> None:
        super().__init__()
        self.first = nn.ModuleDict(
            {kind: nn.Embedding(store.num_nodes(kind), _WIDTH) for kind in ("User", "Item")}
        )
        for one in self.first.values():
            assert isinstance(one, nn.Embedding)
            nn.init.normal_(one.weight, std=0.1)
        self.layers = nn.ModuleList(
            HeteroConv({kind: SAGEConv(_WIDTH, _WIDTH) for kind in store.edge_types})
            for _ in range(2)
        )

    def forward(self, graph: HeteroData) -> dict[str, Tensor]:
        """Return the vectors of a graph's nodes; without ``n_id`` it holds all of them."""
        x = {
            kind: one(graph[kind].n_id) if "n_id" in graph[kind] else one.weight
            for kind, one in self.first.items()
        }
        seen = [x]
        for layer in self.layers:
            x = {kind: value.tanh() for kind, value in layer(x, graph.edge_index_dict).items()}
            seen.append(x)
        return {kind: torch.cat([one[kind] for one in seen], dim=1) for kind in x}


def _loss(out: dict[str, Tensor], rows: Triplets) -> Tensor:
    user, better, worse = (
        out[kind][row] for kind, row in zip(("User", "Item", "Item"), rows, strict=True)
    )
    return -nn.functional.logsigmoid((user * (better - worse)).sum(dim=1)).mean()


def _whole(graph: HeteroData, edges: Tensor, items: int) -> Iterator[tuple[HeteroData, Triplets]]:
    for part in torch.randperm(edges.shape[1]).split(_BATCH):
        yield graph, (edges[0, part], edges[1, part], torch.randint(items, (len(part),)))


def _sampled(loader: LinkLoader) -> Iterator[tuple[HeteroData, Triplets]]:
    for batch in Prefetched(loader):
        item = batch["Item"]
        yield batch, (batch["User"].src_index, item.dst_pos_index, item.dst_neg_index)


def _trained(model: _Sage, epoch: Callable[[], Iterator[tuple[HeteroData, Triplets]]]) -> _Sage:
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-5)
    for _ in range(_EPOCHS):
        for graph, rows in epoch():
            loss = _loss(model(graph), rows)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model


def _quality(
    model: _Sage, graph: HeteroData, store: Neo4jGraphStore, known: Interactions, task: RankingTask
) -> tuple[float, float]:
    """Return recall@20 and ndcg@20; rows of the graph are put where the split has them."""
    with torch.no_grad():
        out = model(graph)
    users, items = (
        _placed(out[kind].numpy(), store.ids(kind), ids)
        for kind, ids in (("User", known.users), ("Item", known.items))
    )
    means = ranking.evaluate(task, lambda rows: users[rows] @ items.T, (20,)).means
    return means["recall@20"], means["ndcg@20"]


def _placed(
    vectors: npt.NDArray[np.float32], ids: Sequence[str], known: Vocabulary
) -> npt.NDArray[np.float32]:
    placed = np.zeros((len(known), vectors.shape[1]), dtype=np.float32)
    placed[known.positions(ids)] = vectors
    return placed


def main(folder: Path, seeds: int = 5) -> None:
    """Print recall@20 and ndcg@20 of each way, and what a fan-out differs by."""
    events = offline.ml_100k(folder).events
    parts = splits.split(events, "random", np.random.default_rng(0), 0.2)
    known = parts.earlier
    edges: dict[str, list[str]] = {}
    for user, item in zip(known.user.tolist(), known.item.tolist(), strict=True):
        edges.setdefault(known.users.ids[user], []).append(known.items.ids[item])
    with GraphClient(gowalla.target()) as client:
        gowalla.load(client, edges)
        store = Neo4jGraphStore(client)
        task = ranking.task(known, parts.later, include_seen=False)
        graph = to_hetero_data(client)
        pairs = graph[_EDGES].edge_index
        data = Neo4jFeatureStore(store, {}), store
        found: dict[str, list[tuple[float, float]]] = {}
        for seed in range(seeds):
            ways: dict[str, Callable[[], Iterator[tuple[HeteroData, Triplets]]]] = {
                "whole": lambda: _whole(graph, pairs, store.num_nodes("Item"))
            }
            for fanout in _FANOUTS:
                loader = LinkLoader(
                    data,
                    Neo4jSampler(store, fanout),
                    edge_label_index=(_EDGES, pairs),
                    neg_sampling=NegativeSampling("triplet"),
                    batch_size=_BATCH,
                    shuffle=True,
                )
                ways[str(fanout)] = lambda loader=loader: _sampled(loader)
            for way, epoch in ways.items():
                torch.manual_seed(seed)  # the same start
                reached = _quality(_trained(_Sage(store), epoch), graph, store, known, task)
                found.setdefault(way, []).append(reached)
                print(f"seed {seed}, {way}: {reached[0]:.4f} / {reached[1]:.4f}", flush=True)
    _print(found)


def _print(found: dict[str, list[tuple[float, float]]]) -> None:
    base = np.array(found["whole"])
    for way, values in found.items():
        each = np.array(values)
        spread, by = each.std(axis=0, ddof=1), each - base
        for metric, column in (("recall@20", 0), ("ndcg@20", 1)):
            print(
                f"{way}: {metric} {each[:, column].mean():.4f} ± {spread[column]:.4f}, differs by "
                f"{by[:, column].mean():+.4f} ± {by[:, column].std(ddof=1):.4f}"
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(int(one) for one in sys.argv[2:3]))

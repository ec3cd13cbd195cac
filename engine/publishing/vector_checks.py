"""Checks of a trained model before anything of it is written: by the gate's rules, and two more.

A checkpoint may come from anywhere: damaged, made by a script, its rows in another order than its
ids.
"""

import math

import numpy as np
from scipy import sparse

from engine.data.arrays import Float64Array, Int64Array
from engine.errors import PublishRefused
from engine.evaluation import gate
from engine.evaluation.significance import paired_bootstrap
from engine.graph import vector_index
from engine.store.graph_client import GraphClient
from engine.training.checkpoint import TrainedModel

SCORINGS = ("cosine", "dot")
FEWEST_VECTORS = 20
"""Fewer lie as they lie: their spread says nothing."""
FEWEST_USERS = 50
SAMPLE = 500
ITEMS_OF_A_USER = 20
CONFIDENCE = 0.999
_SEED = 7
_HINT = "train again: engine train; then: engine publish"


def check(trained: TrainedModel) -> None:
    """Refuse a model that cannot be served, by what it holds alone.

    Raises:
        PublishRefused: An unknown scoring, widths that differ or that no index takes, a number that
            is not finite, or vectors that have collapsed.
    """
    if trained.scoring not in SCORINGS:
        raise PublishRefused(
            f"the model scores by {trained.scoring!r}: it must be one of {', '.join(SCORINGS)}",
            hint=_HINT,
        )
    _check_shapes(trained)
    _check_weights(trained)
    if trained.edges is not None:
        _check_edges(trained.edges)
        return
    _check_width(trained)
    users, items = trained.user_vectors, trained.item_vectors
    if trained.settings.get("trend"):  # its coordinate is the same for all users, by design
        users, items = users[:, :-1], items[:, :-1]
    for label, vectors in (("User", users), ("Item", items)):
        there = vectors[(vectors != 0).any(axis=1)]
        if len(there) < FEWEST_VECTORS:
            continue
        found = gate.vector_spread(there, np.ones(len(there), dtype=np.bool_))
        failed = [rule.message for rule in gate.vector_rules(label, found, gate.GateLimits())]
        if message := " ".join(one for one in failed if one):
            raise PublishRefused(message, hint=_HINT)


def check_against_graph(graph: GraphClient, trained: TrainedModel) -> None:
    """Refuse vectors or edges that do not belong to their ids: own items score no higher.

    For a sample of users, each item that the user has is compared with one that another user has;
    where rows and ids belong together, the own one scores higher more often than not. By a filter
    both are scored from the user's other items, as no edge leads an item to itself; who has one
    item only says nothing. Of few users nothing can be decided.

    Raises:
        PublishRefused: It does not, outside the noise.
    """
    shares = _shares_of_own_first(graph, trained)
    if len(shares) < FEWEST_USERS:
        return
    half = np.full(len(shares), 0.5)
    draw = np.random.default_rng(_SEED)
    if not paired_bootstrap(shares, half, draw, confidence=CONFIDENCE).better:
        what = "vectors" if trained.edges is None else "edges"
        raise PublishRefused(
            f"the {what} do not belong to their ids: in {shares.mean():.0%} of the pairs only, an "
            "item that the user has scores above one that another user has",
            hint=_HINT,
        )


def _check_shapes(trained: TrainedModel) -> None:
    users, items, entities = trained.user_vectors, trained.item_vectors, trained.entity_vectors
    if users.ndim != 2 or items.ndim != 2 or users.shape[1] != items.shape[1]:
        raise PublishRefused(
            f"user vectors of shape {users.shape} and item vectors of {items.shape} cannot be "
            "compared: both must have one width",
            hint=_HINT,
        )
    if entities is not None and (entities.ndim != 2 or entities.shape[1] != items.shape[1]):
        raise PublishRefused(
            f"entity vectors of shape {entities.shape} cannot stand beside item vectors of "
            f"{items.shape}: both must have one width",
            hint=_HINT,
        )
    parts = [users, items, *([] if entities is None else [entities])]
    if not all(np.isfinite(one).all() for one in parts):
        raise PublishRefused("a vector of the model holds NaN or an infinite number", hint=_HINT)


def _check_width(trained: TrainedModel) -> None:
    width = trained.item_vectors.shape[1]
    # The reduction of inner products to cosines adds a number.
    widest = vector_index.MOST_DIMENSIONS - (trained.scoring == "dot")
    if not 1 <= width <= widest:
        raise PublishRefused(
            f"the vectors have {width} numbers: a vector index takes from 1 to {widest}",
            hint="train with such a dimension: engine train --set dimension=64",
        )


def _check_edges(edges: sparse.csr_array) -> None:
    if not np.isfinite(edges.data).all():
        raise PublishRefused("an edge of the filter weighs NaN or an infinite number", hint=_HINT)


def _check_weights(trained: TrainedModel) -> None:
    for name in ("popularity_weight", "again_weight", "drift_weight"):
        value = getattr(trained, name)
        if not math.isfinite(value) or value < 0:
            raise PublishRefused(
                f"{name} is {value}: it must be a finite number from 0 up", hint=_HINT
            )
    if not trained.half_life_days > 0:  # so that NaN is refused too; infinity is no forgetting
        raise PublishRefused(
            f"half_life_days is {trained.half_life_days}: it must be above 0", hint=_HINT
        )


def _shares_of_own_first(graph: GraphClient, trained: TrainedModel) -> Float64Array:
    """Return, for each user of a sample, the share of pairs in which the own item scores higher."""
    draw = np.random.default_rng(_SEED)
    edges = trained.edges
    known = np.flatnonzero((trained.user_vectors != 0).any(axis=1))
    there, fewest = (trained.item_vectors != 0).any(axis=1), 1
    if edges is not None:
        known, there, fewest = np.arange(len(trained.users)), np.diff(edges.indptr) > 0, 2
    rows = np.sort(draw.choice(known, min(SAMPLE, len(known)), replace=False))
    had = vector_index.items_of_users(
        graph, [trained.users.ids[row] for row in rows], ITEMS_OF_A_USER
    )
    own = {}
    for user, ids in had.items():
        items = trained.items.positions(ids)
        items = items[(items >= 0) & there[np.maximum(items, 0)]]
        if len(items) >= fewest:
            own[user] = items
    if len(own) < FEWEST_USERS:
        return np.empty(0)
    everyones = np.concatenate(list(own.values()))
    return np.array(
        [
            _share(trained, user, items, draw.choice(everyones, 4 * len(items)))
            for user, items in own.items()
        ]
    )


def _share(trained: TrainedModel, user: str, own: Int64Array, others: Int64Array) -> float:
    others = np.setdiff1d(others, own)
    if not len(others):
        return 0.5
    if trained.edges is not None:
        rows = trained.edges[own]
        scores = rows.sum(axis=0)
        ours, theirs = scores[own], scores[others] - rows[:, others].toarray()
    else:
        vector = trained.user_vectors[trained.users.positions([user])[0]]
        ours, theirs = (trained.item_vectors[rows] @ vector for rows in (own, others))
    wins = (ours[:, None] > theirs).mean() + 0.5 * (ours[:, None] == theirs).mean()
    return float(wins)

"""Choose how the item index is built and how much of it is fetched: measured, cheapest first.

May import: ``graph``, ``data``, ``errors``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.data.vocabulary import Vocabulary
from engine.errors import PublishRefused
from engine.graph import fidelity, vector_index
from engine.graph.fidelity import Rows, Vectors
from engine.graph.serving import Popularity
from engine.graph.vector_index import IndexSettings
from engine.store.graph_client import GraphClient

TOP = 20
ENOUGH = 0.98
SAMPLE = 1_000
LADDER = (
    IndexSettings(m=16, ef_construction=100),
    IndexSettings(m=32, ef_construction=300),
    IndexSettings(m=64, ef_construction=1_000),
)
OVER_FETCHES = (40, 100, 200, 400, 1_000)
_SEED = 20


@dataclass(frozen=True)
class Choice:
    """The cheapest settings that serve the model's own ranking.

    Attributes:
        overlap: Share of the model's own top 20 that they serve.
        milliseconds: The index's time per user, asked for several at once.
    """

    index: IndexSettings
    over_fetch: int
    overlap: float
    milliseconds: float


@dataclass(frozen=True, eq=False)
class Vetted:
    """A model as it is stored, and what stands beside its vectors in the score.

    Its own score is the dot product of the stored vectors: of unit length where it scores by
    cosine, and longer by the reduction's extra number, 0 on the user's side, where by dot product.
    """

    users: Vocabulary
    items: Vocabulary
    user_vectors: Vectors
    item_vectors: Vectors
    popularity_weight: float
    popularity: Popularity

    def bonus(self) -> Vectors:
        """Return a * popularity of each item, ``(n_items,) float32``; -inf where it is gone."""
        events = self.popularity.events
        counts = np.array([events.get(id_, -1) for id_ in self.items.ids], dtype=np.float64)
        top = np.log1p(self.popularity.most) or 1.0
        value = self.popularity_weight * np.log1p(np.maximum(counts, 0)) / top
        result: Vectors = np.where(counts < 0, -np.inf, value).astype(np.float32)
        return result


class _Trial:
    """The sample of users, the truth about them, and the comparison with an index."""

    def __init__(self, client: GraphClient, number: int, vetted: Vetted) -> None:
        self._client, self._number, self._vetted = client, number, vetted
        known = np.flatnonzero(np.any(vetted.user_vectors != 0, axis=1))
        size = min(SAMPLE, len(known))
        self._rows = np.sort(np.random.default_rng(_SEED).choice(known, size, replace=False))
        self._plain = np.where(np.isfinite(vetted.bonus()), 0, -np.inf).astype(np.float32)
        # An item without a vector is in no index, so it is no part of the comparison.
        self._plain[~np.any(vetted.item_vectors != 0, axis=1)] = -np.inf
        self._bonus = (self._plain + vetted.bonus()).astype(np.float32)
        self._popular = vetted.items.positions(vetted.popularity.top())
        self._truths = [self._truth(bonus) for bonus in (self._plain, self._bonus)]

    def _truth(self, bonus: Vectors) -> Rows:
        top = min(TOP, int(np.isfinite(bonus).sum()))
        vetted = self._vetted
        return fidelity.exact_top(vetted.user_vectors[self._rows], vetted.item_vectors, bonus, top)

    def measure(self, over_fetch: int) -> tuple[float, float]:
        """Return the smaller overlap, of the vectors alone and with popularity, and ms per user."""
        vetted = self._vetted
        ids = [vetted.users.ids[row] for row in self._rows]
        answers = vector_index.nearest(self._client, self._number, ids, over_fetch)
        plain: list[list[int]] = []
        blended: list[list[int]] = []
        present: list[int] = []
        for position, id_ in enumerate(ids):
            if id_ not in answers.items:  # the user left the graph since training
                continue
            near = vetted.items.positions(answers.items[id_])
            popular = self._popular[:over_fetch] if vetted.popularity_weight > 0 else near[:0]
            both = np.concatenate([near, popular])
            query = vetted.user_vectors[self._rows[position]]
            for bonus, rows, served in ((self._plain, near, plain), (self._bonus, both, blended)):
                allowed = [int(row) for row in rows if row >= 0]
                served.append(fidelity.served_top(query, vetted.item_vectors, bonus, allowed, TOP))
            present.append(position)
        shares = [
            fidelity.overlap(truth[present], served)
            for truth, served in zip(self._truths, (plain, blended), strict=True)
        ]
        return min(shares), answers.milliseconds


def choose(
    client: GraphClient,
    number: int,
    vetted: Vetted,
    report: Callable[[str, int, int], None] = lambda _stage, _done, _all: None,
) -> Choice:
    """Build the item index with the cheapest settings that keep the model's own top 20.

    Returns:
        The choice; the index of it is the one that is standing.

    Raises:
        PublishRefused: Even the dearest settings lose more than 2 % of it.
    """
    trial = _Trial(client, number, vetted)
    dimension = vetted.item_vectors.shape[1]
    best = 0.0
    for step, settings in enumerate(LADDER):
        report(f"indexing items (m={settings.m})", step, len(LADDER))
        vector_index.build(client, "Item", number, dimension, settings)
        for over_fetch in OVER_FETCHES:
            report(f"checking the index, {over_fetch} fetched", step, len(LADDER))
            overlap, milliseconds = trial.measure(over_fetch)
            if overlap >= ENOUGH:
                return Choice(settings, over_fetch, overlap, milliseconds)
            best = max(best, overlap)
    raise PublishRefused(
        f"the index serves {best:.1%} of the model's own top {TOP}, less than {ENOUGH:.0%}",
        hint="train a model that scores by cosine: engine train --model lightgcn",
    )

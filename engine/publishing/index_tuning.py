"""Choose how the item index is built and how much of it is fetched: measured, cheapest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from engine.data.arrays import Float32Array, Int64Array
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.signals import cube_root
from engine.data.vocabulary import Vocabulary
from engine.errors import PublishRefused
from engine.graph import index_recall, vector_index
from engine.graph.stored_generations import Popularity
from engine.graph.vector_index import IndexSettings
from engine.store.graph_client import GraphClient

TOP = 20
ENOUGH = 0.98
SAMPLE = 1_000
# So many of them are asked first, and the others only where these lists are not far from enough.
FEW = 100
FAR = 0.05
LADDER = (
    IndexSettings(m=16, ef_construction=100),
    IndexSettings(m=32, ef_construction=300),
    IndexSettings(m=64, ef_construction=1_000),
)
OVER_FETCHES = (40, 100, 200, 400, 1_000)
# Fetching no more than this costs a few milliseconds: a dearer index would not be felt.
CHEAP = 100
# How many of the most popular stand beside them: each costs an exact comparison.
POPULAR_FETCHES = (20, 50, 100, 200, 500, 1_000)
_SEED = 20
_HINTS = {
    "dot": "train a model that scores by cosine: engine train --set scoring=cosine, or "
    "engine train --model lightgcn",
    "cosine": "train with another --set dimension or --seed: vectors that lie so close that an "
    "index cannot distinguish rank by chance",
}


@dataclass(frozen=True)
class IndexChoice:
    """The cheapest settings that serve the model's own ranking.

    Attributes:
        overlap: Share of the model's own top 20 that they serve.
        milliseconds: The index's time per user, asked for several at once.
        popular_fetch: Most popular items that are compared too.
    """

    index: IndexSettings
    over_fetch: int
    popular_fetch: int
    overlap: float
    milliseconds: float


@dataclass(frozen=True, eq=False)
class ModelVectors:
    """A model as it is stored, and what stands beside its vectors in the score.

    Its own score is the dot product of the stored vectors: of unit length where it scores by
    cosine, and longer by the reduction's extra number, 0 on the user's side, where by dot product.
    """

    users: Vocabulary
    items: Vocabulary
    user_vectors: Float32Array
    item_vectors: Float32Array
    popularity_weight: float
    popularity: Popularity
    scoring: Literal["cosine", "dot"] = "cosine"

    def bonus(self) -> Float32Array:
        """Return a * popularity of each item, ``(n_items,) float32``; -inf where it is gone."""
        events = self.popularity.events
        counts = np.array([events.get(id_, -1) for id_ in self.items.ids], dtype=np.float64)
        value = self.popularity_weight * cube_root(np.maximum(counts, 0), self.popularity.most)
        result: Float32Array = np.where(counts < 0, -np.inf, value).astype(np.float32)
        return result


class IndexMeasurement(NamedTuple):
    """What one over-fetch achieves: the smaller overlap, without popularity and with it."""

    overlap: float
    popular_fetch: int
    milliseconds: float


class RecallTrial:
    """Asks an index what it serves a sample of users, and compares that with the exact lists.

    Args:
        client: The graph.
        number: Of the generation.
        vetted: Its vectors.
        most_users: How many users are asked.
    """

    def __init__(
        self, client: GraphClient, number: int, vetted: ModelVectors, most_users: int = SAMPLE
    ) -> None:
        self._client, self._number, self._vetted = client, number, vetted
        known = np.flatnonzero(np.any(vetted.user_vectors != 0, axis=1))
        size = min(most_users, len(known))
        self._rows = np.sort(np.random.default_rng(_SEED).choice(known, size, replace=False))
        self._plain = np.where(np.isfinite(vetted.bonus()), 0, -np.inf).astype(np.float32)
        # An item without a vector is in no index, so it is no part of the comparison.
        self._plain[~np.any(vetted.item_vectors != 0, axis=1)] = -np.inf
        self._bonus = (self._plain + vetted.bonus()).astype(np.float32)
        self._popular = vetted.items.positions(vetted.popularity.top())
        self._truths = [self._truth(bonus) for bonus in (self._plain, self._bonus)]

    def _truth(self, bonus: Float32Array) -> Int64Array:
        top = min(TOP, int(np.isfinite(bonus).sum()))
        vetted = self._vetted
        return index_recall.exact_top(
            vetted.user_vectors[self._rows], vetted.item_vectors, bonus, top
        )

    def measure(self, over_fetch: int) -> IndexMeasurement:
        """Ask the index, and add as few of the popular items as are enough.

        What serves far too little of a few users is not asked for all of them.
        """
        every = range(len(self._rows))
        few = every[:: max(1, len(every) // FEW)]
        found = self._measure(over_fetch, few)
        if len(few) == len(every) or found.overlap < ENOUGH - FAR:
            return found
        return self._measure(over_fetch, every)

    def _measure(self, over_fetch: int, positions: Sequence[int]) -> IndexMeasurement:
        users = self._vetted.users
        ids = {position: users.ids[self._rows[position]] for position in positions}
        answers = vector_index.nearest(self._client, self._number, list(ids.values()), over_fetch)
        # A user can have left the graph since training.
        present = [position for position, id_ in ids.items() if id_ in answers.items]
        near = [self._vetted.items.positions(answers.items[ids[position]]) for position in present]
        plain = self._overlap(present, near, self._plain)
        if self._vetted.popularity_weight == 0:
            return IndexMeasurement(plain, 0, answers.milliseconds)
        best, popular_fetch = 0.0, 0
        for popular_fetch in POPULAR_FETCHES:
            popular = self._popular[:popular_fetch]
            both = [np.concatenate([rows, popular]) for rows in near]
            best = self._overlap(present, both, self._bonus)
            if best >= ENOUGH or plain < ENOUGH:
                break
        return IndexMeasurement(min(plain, best), popular_fetch, answers.milliseconds)

    def _overlap(
        self, present: list[int], candidates: list[Int64Array], bonus: Float32Array
    ) -> float:
        vetted = self._vetted
        truth = self._truths[0] if bonus is self._plain else self._truths[1]
        served = [
            index_recall.served_top(
                vetted.user_vectors[self._rows[position]],
                vetted.item_vectors,
                bonus,
                rows[rows >= 0].tolist(),
                TOP,
            )
            for position, rows in zip(present, candidates, strict=True)
        ]
        return index_recall.overlap(truth[present], served)


def choose(
    client: GraphClient,
    number: int,
    vetted: ModelVectors,
    attributes: tuple[str, ...] = (),
    report: StageProgress = no_stage,
    first: IndexSettings | None = None,
) -> IndexChoice:
    """Build the item index with the cheapest settings that keep the model's own top 20.

    Args:
        client: The graph.
        number: Of the generation.
        vetted: Its vectors.
        attributes: Of items, which become part of the index.
        report: Called with a stage, how much of it is done, and how much there is.
        first: Settings that a sample spoke for: they are taken where they serve enough, however
            many have to be fetched, and dearer ones are tried where they do not.

    Returns:
        The choice; the index of it is the one that is standing.

    Raises:
        PublishRefused: Even the dearest settings lose more than 2 % of it.
    """
    trial = RecallTrial(client, number, vetted)
    dimension = vetted.item_vectors.shape[1]
    passed: list[IndexChoice] = []
    best = 0.0
    begin = 0 if first is None else LADDER.index(first)
    ladder = [replace(settings, attributes=attributes) for settings in LADDER[begin:]]
    for step, settings in enumerate(ladder):
        report(indexing_stage(settings, best if step else None), step, len(ladder))
        vector_index.build(client, "Item", number, dimension, settings)
        report("checking the index", step, len(ladder))
        choice, overlap = least_fetch(trial.measure, settings, passed)
        best = max(best, overlap)
        if choice is not None:
            passed.append(choice)
            if first is not None or choice.over_fetch <= CHEAP:
                return choice
    if not passed:
        raise PublishRefused(
            f"the index serves {best:.1%} of the model's own top {TOP}, less than {ENOUGH:.0%}",
            hint=_HINTS[vetted.scoring],
        )
    # Of two that fetch as much, the one with the smaller graph came first.
    chosen = min(passed, key=lambda choice: choice.over_fetch)
    if chosen.index != ladder[-1]:
        report(
            f"indexing items again with m={chosen.index.m}: larger settings serve no more",
            len(ladder),
            len(ladder),
        )
        vector_index.build(client, "Item", number, dimension, chosen.index)
    return chosen


def indexing_stage(settings: IndexSettings, best: float | None) -> str:
    """Describe the settings of the index; of a rebuilt one, also the recall of the one before."""
    settings_text = f"m={settings.m}, ef_construction={settings.ef_construction}"
    if best is None:
        return f"indexing items ({settings_text})"
    return (
        f"indexing items again with larger settings ({settings_text}): so far it serves "
        f"{best:.1%} of the model's own top {TOP}"
    )


def least_fetch(
    measure: Callable[[int], IndexMeasurement], settings: IndexSettings, passed: list[IndexChoice]
) -> tuple[IndexChoice | None, float]:
    """Return the smallest over-fetch that is enough and less than known ones, and the overlap.

    Args:
        measure: What an over-fetch achieves with the index that stands.
        settings: Of that index.
        passed: Choices that are known already.
    """
    best = 0.0
    known = min((choice.over_fetch for choice in passed), default=None)
    for over_fetch in OVER_FETCHES:
        if known is not None and over_fetch >= known:
            break
        found = measure(over_fetch)
        best = max(best, found.overlap)
        if found.overlap >= ENOUGH:
            choice = IndexChoice(
                settings, over_fetch, found.popular_fetch, found.overlap, found.milliseconds
            )
            return choice, best
    return None, best

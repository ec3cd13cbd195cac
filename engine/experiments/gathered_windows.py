"""Candidates of several windows: the older ones a ranker learns from, the newest ones judge it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.data.arrays import Float64Array
from engine.evaluation.hold_out_window import HoldOutWindow
from engine.evaluation.ranked_score import RankedCandidates, ranked_scorer
from engine.evaluation.ranking import UserScorer
from engine.evaluation.significance import Difference, two_way_bootstrap
from engine.experiments.ranker_windows import PastCandidates
from engine.ranking import ranker as rankers
from engine.ranking.ranker import LabelledCandidates, Ranker, RankerSettings
from engine.training import seed

_MOST_ROWS = 600_000


@dataclass(frozen=True, eq=False)
class ValidationWindow:
    """A window that says whether a ranker of older ones serves.

    Attributes:
        candidates: Those of all its users.
        window: What is asked in it.
        blended: The score that the model is served by there.
    """

    candidates: PastCandidates
    window: HoldOutWindow
    blended: UserScorer


@dataclass(frozen=True, eq=False)
class GatheredWindows:
    """Candidates of several windows.

    Attributes:
        labelled: Of each window, oldest first.
        validation: The newest of them.
        groups: The attributes that group items.
        seed: Of whatever is drawn.
    """

    labelled: Sequence[LabelledCandidates]
    validation: Sequence[ValidationWindow]
    groups: tuple[str, ...]
    seed: int

    def validated(self, settings: RankerSettings) -> tuple[int, Float64Array]:
        """Return how many trees are best, and by so many the ndcg@20 of each user of each window.

        The validation windows are judged by a ranker that learned from those before all of them.
        """
        most = self._fit(self.labelled[: -len(self.validation)], settings)
        judged: dict[int, Float64Array] = {}
        for trees in [max(1, settings.trees * third // 3) for third in (1, 2, 3)]:
            values = []
            for one in self.validation:
                users, items = one.candidates.users, one.candidates.items
                scores = most.score(one.candidates.features, trees)
                ranked = ranked_scorer(RankedCandidates(users, items, scores), one.blended)
                values.append(one.window.judge(ranked).values)
            judged[trees] = np.concatenate(values)
        best = max(judged, key=lambda trees: (judged[trees].mean(), -trees))
        return best, judged[best]

    def by_blend(self) -> Float64Array:
        """Return the ndcg@20 of each user of each window by the blend, in the same order."""
        found = [one.window.judge(one.blended).values for one in self.validation]
        return np.concatenate(found)

    def difference(self, ours: Float64Array, theirs: Float64Array) -> Difference:
        """Return how far values of the validation windows are above others.

        The interval is over users and, where there are several, over windows.
        """
        users = [one.window.users for one in self.validation]
        window = np.repeat(np.arange(len(users)), [len(one) for one in users])
        draw = seed.generator(self.seed, "bootstrap")
        return two_way_bootstrap(ours - theirs, np.concatenate(users), window, draw)

    def ranker(self, settings: RankerSettings) -> Ranker:
        """Return the ranker that learned from all windows."""
        return self._fit(self.labelled, settings)

    def _fit(self, windows: Sequence[LabelledCandidates], settings: RankerSettings) -> Ranker:
        share = _MOST_ROWS / sum(len(one.user) for one in windows)
        draw = seed.generator(self.seed, "ranker rows")
        kept = [one.thinned(share, draw) for one in windows]
        return rankers.fit(kept, settings, self.groups, self.seed)

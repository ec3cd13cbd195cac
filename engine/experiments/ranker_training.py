"""Learn a ranker for a trained model: from several windows before the one that judges the model.

The model is trained once more on what happened before all of these windows, so that its vectors
have seen nothing of them. The newest of the windows is validation: a ranker of the others says how
many trees there are to be, and whether a ranker serves at all: it must beat the blend there outside
the noise. One that does learns from all windows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.data.arrays import Int32Array
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.splits import Split
from engine.errors import DataError
from engine.evaluation.blend import Blend
from engine.evaluation.comparison import BLEND, JUDGED
from engine.evaluation.hold_out_window import HoldOutWindow
from engine.evaluation.protocols import cuts
from engine.evaluation.protocols.window import LEAST_KNOWN, split_at
from engine.evaluation.ranked_score import RankedCandidates, ranked_scorer
from engine.evaluation.ranking import UserScorer
from engine.evaluation.sample_size import FEWEST_USERS
from engine.evaluation.served_score import served_score
from engine.evaluation.significance import Difference, paired_bootstrap
from engine.experiments.ranker_windows import (
    PastCandidates,
    PastQuestions,
    active_users,
)
from engine.graph.known_events import KnownEvents
from engine.publishing.hidden_generation import hidden_generation
from engine.ranking import ranker as rankers
from engine.ranking.ranker import LabelledCandidates, Ranker, RankerSettings
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.training import seed
from engine.training.checkpoint import TrainedModel

WINDOW_DAYS = 7
_WINDOWS, _FEWEST_WINDOWS, _MOST_WINDOWS = 4, 2, 8
_ENOUGH_USERS = 2_000
"""Of all windows together: with fewer, more windows are learned from, up to the most."""
RANKED = "ranked"
"""What two stages are called among methods."""
_MOST_USERS = 1_000
_MOST_ROWS = 600_000


@dataclass(frozen=True)
class RankerReport:
    """What came of it.

    Attributes:
        ranker: None where none serves.
        message: One sentence: by what it serves, or why none does.
        metrics: Figures by flat names such as ``seen.ranked.ndcg@20``.
        ranked: What the ranker makes of the candidates of the test part's users.
    """

    ranker: Ranker | None
    message: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    ranked: RankedCandidates | None = None

    def lines(self) -> list[str]:
        """Say what came of it, and how it did on the test part."""
        said = [self.message]
        for mode, where in (("unseen", "New items only"), ("seen", "Seen items allowed")):
            gap = f"{mode}.{RANKED}-{BLEND}.{JUDGED}"
            if gap in self.metrics:
                low, high = self.metrics[f"{gap}.low"], self.metrics[f"{gap}.high"]
                value = self.metrics[f"{mode}.{RANKED}.{JUDGED}"]
                said.append(
                    f"{where}: in the test part's first days two stages have {JUDGED} {value:.4f}, "
                    f"{self.metrics[gap]:+.4f} [{low:+.4f}, {high:+.4f}] against the blend."
                )
        return said


class RankerTraining:
    """The learning of one ranker.

    Args:
        graph: Where candidates come from.
        registry: Where numbers of generations are taken.
        known: The events of the graph, of which the model's are a part.
        days: Length of a window.
        settings: How the trees grow; None: as usual.
        report: Called with a stage, how much of it is done, and how much there is.
    """

    def __init__(
        self,
        graph: GraphClient,
        registry: Registry,
        known: KnownEvents,
        days: int = WINDOW_DAYS,
        settings: RankerSettings | None = None,
        report: StageProgress = no_stage,
    ) -> None:
        self._graph, self._registry, self._known = graph, registry, known
        self._settings, self._report = settings or RankerSettings(), report
        self._names, self.days = known.grouping(), days

    @property
    def _groups(self) -> Int32Array:
        return self._known.groups(self._names)

    def windows(self, begins: int) -> list[int]:
        """Return the cuts of the windows to learn from, oldest first.

        Args:
            begins: Nothing from it on is in any window, epoch milliseconds.

        Raises:
            DataError: There are fewer than two with enough users in them.
        """
        events = self._known.events
        enough = LEAST_KNOWN * int((events.at < begins).sum())
        found: list[int] = []
        users = 0
        for cut in cuts.cuts_before(begins, self.days, _MOST_WINDOWS)[::-1].tolist():
            active = len(active_users(events, cut, self.days))
            if (events.at < cut).sum() < enough or active < FEWEST_USERS:
                break
            if len(found) >= _WINDOWS and users >= _ENOUGH_USERS:
                break
            found, users = [cut, *found], users + active
        if len(found) < _FEWEST_WINDOWS:
            raise DataError(
                f"a ranker learns from {_FEWEST_WINDOWS} windows of {self.days} days with "
                f"{FEWEST_USERS} users in each, and there are {len(found)} before "
                f"{cuts.day(begins)} with half of the events before them"
            )
        return found

    def rows(self, before: TrainedModel, windows: list[int], number: int) -> list[PastCandidates]:
        """Return the candidates of each window, of a sample of its users; of all in the last."""
        asking = PastQuestions(self._graph, number, self._known, self._groups, self._report)
        found = []
        for cut in windows:
            users = active_users(self._known.events, cut, self.days)
            if cut != windows[-1] and len(users) > _MOST_USERS:
                draw = seed.generator(before.seed, f"ranker {cut}")
                users = np.sort(draw.choice(users, _MOST_USERS, replace=False))
            asking.know(cut - 1)
            found.append(asking.ask(users, cut))
        return found

    def learn(self, before: TrainedModel, begins: int) -> RankerReport:
        """Return the ranker of a model that has seen nothing of the windows before ``begins``."""
        windows = self.windows(begins)
        with hidden_generation(self._graph, self._registry, before, self._report) as number:
            rows = self.rows(before, windows, number)
        labelled = [
            one.labelled(split_at(self._known.events, cut, self.days).later)
            for one, cut in zip(rows, windows, strict=True)
        ]
        self._report("learning to rank", 0, 1)
        parts = split_at(self._known.events, windows[-1], self.days)
        trees, values, blended = self._validated(before, labelled[:-1], rows[-1], parts, windows[0])
        gap = paired_bootstrap(values, blended, seed.generator(before.seed, "bootstrap"))
        metrics = {
            "ranker.trees": float(trees),
            "valid.ranked.ndcg@20": float(values.mean()),
            "valid.blend.ndcg@20": float(blended.mean()),
            **flat("valid.ranked-blend.ndcg@20", gap),
        }
        figures = f"{values.mean():.4f} against {blended.mean():.4f} of the blend, {gap.mean:+.4f}"
        figures += f" [{gap.low:+.4f}, {gap.high:+.4f}] over {gap.users} users of the last window"
        if not gap.better:
            return RankerReport(None, f"No ranker serves: ndcg@20 {figures}.", metrics)
        ranker = self._fit(labelled, trees, before.seed)
        return RankerReport(ranker, f"A ranker serves: ndcg@20 {figures}.", metrics)

    def _fit(self, windows: list[LabelledCandidates], trees: int, seed_number: int) -> Ranker:
        settings = replace(self._settings, trees=trees)
        share = _MOST_ROWS / sum(len(one.user) for one in windows)
        draw = seed.generator(seed_number, "ranker rows")
        kept = [one.thinned(share, draw) for one in windows]
        return rankers.fit(kept, settings, self._names, seed_number)

    def _validated(
        self,
        before: TrainedModel,
        labelled: list[LabelledCandidates],
        rows: PastCandidates,
        parts: Split,
        until: int,
    ) -> tuple[int, Any, Any]:
        """Return how many trees, and a value of each user by a ranker and by the blend."""
        window = HoldOutWindow(parts)
        blended = blend_score(before, parts, until - 1)
        numbers = [self._settings.trees * third // 3 for third in (1, 2, 3)]
        most = self._fit(labelled, numbers[-1], before.seed)
        judged = {}
        for trees in numbers:
            scores = most.score(rows.features, trees)
            ranked = ranked_scorer(RankedCandidates(rows.users, rows.items, scores), blended)
            judged[trees] = window.judge(ranked).values
        best = max(numbers, key=lambda trees: (judged[trees].mean(), -trees))
        return best, judged[best], window.judge(blended).values


def blend_score(model: TrainedModel, parts: Split, until: int) -> UserScorer:
    """Return the score of the blend that a model is served by.

    Args:
        model: By rows of the events.
        parts: The first is known.
        until: When the newest event happened that the model has learned from, epoch milliseconds.
    """
    weights = Blend(
        model.popularity_weight, model.again_weight, model.half_life_days, model.drift_weight
    )
    vectors = model.user_vectors, model.item_vectors
    return served_score(vectors, parts.earlier, weights, until, cosine=model.scoring == "cosine")


def flat(name: str, gap: Difference) -> dict[str, float]:
    """Return a difference under flat names."""
    return {name: gap.mean, f"{name}.low": gap.low, f"{name}.high": gap.high}

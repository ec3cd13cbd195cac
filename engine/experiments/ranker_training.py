"""Learn a ranker for a trained model: from several windows before the one that judges the model.

The model is trained once more on what happened before all of these windows, so that its vectors
have seen nothing of them. The newest of the windows is validation: a ranker of the older ones says
how many trees there are to be, and whether a ranker serves at all: it must beat the blend there
outside the noise. Where few users are in it, the windows before are validation too, each judged by
a ranker of those before it. One that serves learns from all windows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.data.arrays import Float64Array
from engine.data.kind_weights import KindWeights
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.errors import DataError
from engine.evaluation.baselines import BASELINES
from engine.evaluation.comparison import BLEND, JUDGED
from engine.evaluation.hold_out_window import HoldOutWindow
from engine.evaluation.protocols import cuts
from engine.evaluation.protocols.window import LEAST_KNOWN, split_at
from engine.evaluation.ranked_score import RankedCandidates, ranked_scorer
from engine.evaluation.ranking import UserScorer
from engine.evaluation.sample_size import FEWEST_USERS, too_few
from engine.evaluation.significance import Difference, paired_bootstrap
from engine.experiments.ranker_windows import (
    PastCandidates,
    PastQuestions,
    active_users,
)
from engine.experiments.served_model import blend_score
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
_FEW = "The ranker was chosen on the windows before it, where there were enough."
RANKED = "ranked"
"""What two stages are called among methods."""
_ENOUGH_TO_JUDGE, _MOST_TO_JUDGE = 500, 3
"""Users of the last window: with fewer, more windows are validation, half of all at most."""
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
        seconds: How long all of it took.
    """

    ranker: Ranker | None
    message: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    ranked: RankedCandidates | None = None
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """Say what came of it, and how it did on the test part."""
        said = [self.message]
        for mode, where in (("unseen", "New items only"), ("seen", "Seen items allowed")):
            users = int(self.metrics.get(f"{mode}.{RANKED}.users", FEWEST_USERS))
            if users < FEWEST_USERS:
                said.append(f"{where}: in the test part {too_few(users, _FEW)}")
            elif gaps := self._gaps(mode):
                value = self.metrics[f"{mode}.{RANKED}.{JUDGED}"]
                said.append(
                    f"{where}: in the test part's first days two stages have {JUDGED} {value:.4f}, "
                    f"{' and '.join(gaps)}."
                )
        return said

    def _gaps(self, mode: str) -> list[str]:
        """Say how far two stages are ahead of what they were compared with."""
        found = []
        for name in (BLEND, *BASELINES):
            gap = f"{mode}.{RANKED}-{name}.{JUDGED}"
            if gap in self.metrics:
                ahead, low, high = (self.metrics[gap + end] for end in ("", ".low", ".high"))
                whom = "the blend" if name == BLEND else f"{name}, the best plain method there"
                found.append(f"{ahead:+.4f} [{low:+.4f}, {high:+.4f}] against {whom}")
        return found


@dataclass(frozen=True, eq=False)
class ValidationWindow:
    """A window that says whether a ranker of those before it serves.

    Attributes:
        before: How many windows are before it.
        candidates: Those of all its users.
        window: What is asked in it.
        blended: The score that the model is served by there.
    """

    before: int
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
        """Return how many trees are best, and the mean ndcg@20 of each user by so many.

        Each validation window is judged by a ranker that learned from the windows before it.
        """
        numbers = [max(1, settings.trees * third // 3) for third in (1, 2, 3)]
        found: dict[int, list[Float64Array]] = {trees: [] for trees in numbers}
        for one in self.validation:
            most = self._fit(self.labelled[: one.before], settings)
            users, items = one.candidates.users, one.candidates.items
            for trees, values in found.items():
                scores = most.score(one.candidates.features, trees)
                ranked = ranked_scorer(RankedCandidates(users, items, scores), one.blended)
                values.append(one.window.judge(ranked).values)
        judged = {trees: self._by_user(values) for trees, values in found.items()}
        best = max(judged, key=lambda trees: (judged[trees].mean(), -trees))
        return best, judged[best]

    def by_blend(self) -> Float64Array:
        """Return the mean ndcg@20 of each user by the blend, in the same order."""
        return self._by_user([one.window.judge(one.blended).values for one in self.validation])

    def ranker(self, settings: RankerSettings) -> Ranker:
        """Return the ranker that learned from all windows."""
        return self._fit(self.labelled, settings)

    def _by_user(self, values: Sequence[Float64Array]) -> Float64Array:
        """Return the mean over the windows of each user: what one user says of two weeks is one."""
        users = np.concatenate([one.window.users for one in self.validation])
        _, row, counts = np.unique(users, return_inverse=True, return_counts=True)
        return np.asarray(np.bincount(row, np.concatenate(values)) / counts, dtype=np.float64)

    def _fit(self, windows: Sequence[LabelledCandidates], settings: RankerSettings) -> Ranker:
        share = _MOST_ROWS / sum(len(one.user) for one in windows)
        draw = seed.generator(self.seed, "ranker rows")
        kept = [one.thinned(share, draw) for one in windows]
        return rankers.fit(kept, settings, self.groups, self.seed)


class RankerTraining:
    """The learning of one ranker: its windows, its rows, its trees.

    Args:
        graph: Where candidates come from.
        registry: Where numbers of generations are taken.
        known: The events of the graph, of which the model's are a part.
        days: Length of a window.
        report: Called with a stage, how much of it is done, and how much there is.
    """

    def __init__(
        self,
        graph: GraphClient,
        registry: Registry,
        known: KnownEvents,
        days: int = WINDOW_DAYS,
        report: StageProgress = no_stage,
    ) -> None:
        self._graph, self._registry, self._known = graph, registry, known
        self._report, self._names, self.days = report, known.grouping(), days

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

    def gather(self, before: TrainedModel, windows: list[int]) -> GatheredWindows:
        """Return the candidates of windows.

        Args:
            before: The model as it was before all of them, by rows of the events.
            windows: As ``windows`` returns them.
        """
        events = self._known.events
        asked = [active_users(events, cut, self.days) for cut in windows]
        last = 1 if len(asked[-1]) >= _ENOUGH_TO_JUDGE else _MOST_TO_JUDGE
        judged = range(max(1, len(windows) // 2, len(windows) - last), len(windows))
        for place, users in enumerate(asked):
            if place not in judged and len(users) > _MOST_USERS:
                draw = seed.generator(before.seed, f"ranker {windows[place]}")
                asked[place] = np.sort(draw.choice(users, _MOST_USERS, replace=False))
        weights = KindWeights.of(events)
        with hidden_generation(
            self._graph, self._registry, before, self._report, weights
        ) as number:
            groups = self._known.groups(self._names)
            asking = PastQuestions(
                self._graph, number, self._known, groups, self._report, before.edges is None
            )
            rows = []
            for cut, users in zip(windows, asked, strict=True):
                asking.know(cut - 1, users)
                rows.append(asking.ask(users, cut))
        parts = [split_at(events, cut, self.days) for cut in windows]
        return GatheredWindows(
            [one.labelled(own.later) for one, own in zip(rows, parts, strict=True)],
            [
                ValidationWindow(
                    place,
                    rows[place],
                    HoldOutWindow(parts[place]),
                    blend_score(before, parts[place], windows[0] - 1),
                )
                for place in judged
            ],
            self._names,
            before.seed,
        )

    def learn(
        self, before: TrainedModel, windows: list[int], settings: RankerSettings
    ) -> RankerReport:
        """Return the ranker of a model that has seen nothing of the windows."""
        gathered = self.gather(before, windows)
        self._report("learning to rank", 0, 1)
        trees, values = gathered.validated(settings)
        blended = gathered.by_blend()
        gap = paired_bootstrap(values, blended, seed.generator(before.seed, "bootstrap"))
        metrics = {
            "ranker.trees": float(trees),
            "valid.ranked.ndcg@20": float(values.mean()),
            "valid.blend.ndcg@20": float(blended.mean()),
            **flat("valid.ranked-blend.ndcg@20", gap),
        }
        figures = f"{values.mean():.4f} against {blended.mean():.4f} of the blend, {gap.mean:+.4f}"
        figures += f" [{gap.low:+.4f}, {gap.high:+.4f}] over {gap.users} users of "
        weeks = len(gathered.validation)
        figures += "the last window" if weeks == 1 else f"the last {weeks} windows"
        if not gap.better:
            return RankerReport(
                None, f"No ranker serves, the blend does: ndcg@20 {figures}.", metrics
            )
        ranker = gathered.ranker(replace(settings, trees=trees))
        return RankerReport(ranker, f"A ranker serves, not the blend: ndcg@20 {figures}.", metrics)


def flat(name: str, gap: Difference) -> dict[str, float]:
    """Return a difference under flat names."""
    return {name: gap.mean, f"{name}.low": gap.low, f"{name}.high": gap.high}

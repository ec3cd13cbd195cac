"""Learn a ranker for a trained model: from several windows before the one that judges the model.

The model is trained once more on what happened before these windows, so that its vectors have seen
nothing of them. The newest of the windows is validation: a ranker of the older ones says how many
trees there are to be, and whether a ranker serves at all: it must beat the blend there outside the
noise. Where few users are in it, the windows before it are validation too, up to half of all. One
that serves learns from all windows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.data.arrays import Int64Array
from engine.data.kind_weights import KindWeights
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.errors import DataError
from engine.evaluation.baselines import BASELINES
from engine.evaluation.comparison import BLEND, JUDGED
from engine.evaluation.hold_out_window import HoldOutWindow
from engine.evaluation.protocols import cuts
from engine.evaluation.protocols.window import LEAST_KNOWN, split_at
from engine.evaluation.ranked_score import RankedCandidates
from engine.evaluation.sample_size import FEWEST_USERS, too_few
from engine.evaluation.significance import Difference
from engine.experiments.gathered_windows import GatheredWindows, ValidationWindow
from engine.experiments.ranker_windows import (
    PastCandidates,
    PastQuestions,
    active_users,
)
from engine.experiments.served_model import blend_score
from engine.graph.known_events import KnownEvents
from engine.publishing.hidden_generation import hidden_generation
from engine.ranking.ranker import Ranker, RankerSettings
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.training import seed
from engine.training.checkpoint import TrainedModel

WINDOW_DAYS = 7
_WINDOWS, _FEWEST_WINDOWS, _MOST_WINDOWS = 4, 2, 16
_ENOUGH_USERS = 2_500
"""Of all windows together: with fewer, there are more windows, up to the most."""
_ENOUGH_TO_JUDGE = 1_200
"""Of the validation windows together: with fewer, there are more of them, half of all at most. In a
shop of 300 households as many tell 3 % of ndcg@20 from nothing, and one week tells 10 %."""
_WINDOWS_OF_A_MODEL = 8
"""With more, each half has a model of its own: vectors far older than those that serve would let a
ranker win by the blend's age."""
_FEW = "The ranker was chosen on the windows before it, where there were enough."
RANKED = "ranked"
"""What two stages are called among methods."""
_MOST_USERS = 1_000


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

    def gather(self, before: Sequence[TrainedModel], windows: list[int]) -> GatheredWindows:
        """Return the candidates of windows.

        Args:
            before: The model as it was before each part that ``by_model`` makes of the windows, by
                rows of the events.
            windows: As ``windows`` returns them.
        """
        events, drawn = self._known.events, before[0].seed
        asked = [active_users(events, cut, self.days) for cut in windows]
        judged = validation_places([len(users) for users in asked])
        for place, users in enumerate(asked[: judged.start]):
            if len(users) > _MOST_USERS:
                draw = seed.generator(drawn, f"ranker {windows[place]}")
                asked[place] = np.sort(draw.choice(users, _MOST_USERS, replace=False))
        parts = [split_at(events, cut, self.days) for cut in windows]
        of_models = list(zip(before, by_model(windows), strict=True))
        rows: list[PastCandidates] = []
        for model, own in of_models:
            rows += self._candidates(model, own, asked[len(rows) : len(rows) + len(own)])
        served = [(model, own[0] - 1) for model, own in of_models for _ in own]

        def validation(place: int) -> ValidationWindow:
            (model, until), part = served[place], parts[place]
            blended = blend_score(model, part, until)
            return ValidationWindow(rows[place], HoldOutWindow(part), blended)

        return GatheredWindows(
            [one.labelled(part.later) for one, part in zip(rows, parts, strict=True)],
            [validation(place) for place in judged],
            self._names,
            drawn,
        )

    def _candidates(
        self, before: TrainedModel, windows: list[int], asked: list[Int64Array]
    ) -> list[PastCandidates]:
        """Return the candidates of the users of each window, by one model."""
        weights = KindWeights.of(self._known.events)
        with hidden_generation(
            self._graph, self._registry, before, self._report, weights
        ) as number:
            groups = self._known.groups(self._names)
            asking = PastQuestions(
                self._graph, number, self._known, groups, self._report, before.edges is None
            )
            found = []
            for cut, users in zip(windows, asked, strict=True):
                asking.know(cut - 1, users)
                found.append(asking.ask(users, cut))
        return found

    def learn(
        self, before: Sequence[TrainedModel], windows: list[int], settings: RankerSettings
    ) -> RankerReport:
        """Return the ranker of a model, given as ``gather`` takes it."""
        gathered = self.gather(before, windows)
        self._report("learning to rank", 0, 1)
        trees, values = gathered.validated(settings)
        blended = gathered.by_blend()
        gap = gathered.difference(values, blended)
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


def by_model(windows: list[int]) -> list[list[int]]:
    """Return windows in parts, oldest first, each to be asked of a model of what is before it.

    Up to eight are one part; of more, each half is one.
    """
    if len(windows) <= _WINDOWS_OF_A_MODEL:
        return [windows]
    half = len(windows) - len(windows) // 2
    return [windows[:half], windows[half:]]


def validation_places(users: Sequence[int]) -> range:
    """Return the places of the validation windows, given how many users each window has."""
    first = len(users) - 1
    while first > (len(users) + 1) // 2 and sum(users[first:]) < _ENOUGH_TO_JUDGE:
        first -= 1
    return range(first, len(users))


def flat(name: str, gap: Difference) -> dict[str, float]:
    """Return a difference under flat names."""
    return {name: gap.mean, f"{name}.low": gap.low, f"{name}.high": gap.high}

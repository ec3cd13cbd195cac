"""Compare models: train each, judge all by one protocol on one split, say who wins."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from engine.config import Settings
from engine.data import splits
from engine.data.tabular import Tabular
from engine.data.training_data import TrainingData
from engine.errors import DataError
from engine.evaluation import sample_size
from engine.evaluation.evaluation_setup import EvaluationSetup
from engine.evaluation.protocols.cuts import day
from engine.evaluation.standings import MethodStanding, headline, standing_rows, standings
from engine.experiments.compare_request import ComparedData, CompareRequest
from engine.experiments.compared_methods import (
    ComparedMethod,
    ComparisonSetting,
    FinishedMethod,
    finish,
)
from engine.experiments.fitting import FitObserver, TrainingStopped
from engine.experiments.train import code_version
from engine.experiments.training_request import content
from engine.interrupt import interruptible
from engine.models import MODELS, PLAIN
from engine.training import device, seed
from engine.training.trainer import Progress

CompareProgress = Callable[[str, str, Progress | None], None]
"""Called with the model, the stage, and where its training stands."""


@dataclass(frozen=True, eq=False)
class CompareReport(Tabular):
    """What the comparison found.

    Attributes:
        lines: Who wins, in words.
        data: Figures of the data and of the split.
        costs: Method to seconds, memory and epochs; a served blend costs what its model did.
        settings: Method to every setting.
        found: Methods that had been finished before.
        remarks: What a reader has to know beside.
    """

    lines: list[str]
    judged: str
    data: dict[str, Any]
    rows: list[MethodStanding]
    costs: dict[str, dict[str, float]]
    settings: dict[str, dict[str, Any]]
    found: list[str]
    remarks: list[str] = field(default_factory=list)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row per question and method, the best first."""
        return standing_rows(self.rows, self.judged)

    def remarks_for_reader(self) -> list[str]:
        """Return who wins, and what has to be known beside."""
        return [*self.lines, *self.remarks]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)


def compare(
    settings: Settings,
    request: CompareRequest,
    data: ComparedData,
    report: CompareProgress = lambda _m, _s, _p: None,
) -> CompareReport:
    """Train and judge the models; a finished one is kept and not trained again.

    Args:
        settings: Which home keeps what is finished, and which device trains.
        request: What to compare.
        data: The events, and features or facts where a model wants them.
        report: Follows the progress.

    Raises:
        DataError: There are too few events to split.
        KeyboardInterrupt: The user stopped it; the same command goes on where it was.
    """
    material, remarks = data.material, data.remarks
    request = request.on(material.events)
    entrants = request.entrants()
    setup = setup_of(request, material, request.cut().judged_by.cutoffs)
    asked = check(setup)
    ring = ComparisonSetting(
        material, content(material), code_version(), setup, settings.home / "compare"
    )

    def work(should_stop: Callable[[], bool]) -> list[FinishedMethod]:
        with device.default_device(settings.device), _earlier_objects_kept():
            return _finish_all(entrants, ring, report, should_stop)

    done = interruptible(work)
    contestants = [one for finished in done for one in finished.contestants]
    rows = standings(setup, contestants)
    named = list(zip(entrants, done, strict=True))
    return CompareReport(
        headline(rows, setup.judged, sample_size.cause(setup.tasks[-1].parts)),
        setup.judged,
        describe(material, request, setup) | asked,
        rows,
        {one.name: finished.costs for _, finished in named for one in finished.contestants},
        {entrant.name: entrant.effective() for entrant in entrants},
        [entrant.name for entrant, finished in named if finished.found],
        remarks,
    )


def setup_of(
    request: CompareRequest, material: TrainingData, cutoffs: tuple[int, ...]
) -> EvaluationSetup:
    """Return the tasks of a request's protocol, and what is asked in them.

    Args:
        request: Its split is that which it comes to on these events.
        material: The events, and their baskets where the protocol goes by them.
        cutoffs: Lengths of list that are judged.

    Raises:
        DataError: The events lack what the protocol goes by, or are too few.
    """
    asked = request.cut()
    return EvaluationSetup(
        asked.tasks(material),
        lambda: seed.generator(request.seed, "bootstrap"),
        cutoffs,
        asked.judged_by.by_basket,
    )


def check(setup: EvaluationSetup) -> dict[str, int]:
    """Return how many different users are asked.

    Raises:
        DataError: Nobody has anything to find.
    """
    if not setup.questions:
        raise nobody(setup.tasks[-1].parts)
    return {
        "users_asked_seen" if seen else "users_asked_unseen": setup.users_asked(seen=seen)
        for seen in setup.questions
    }


def nobody(parts: splits.Split) -> DataError:
    """Return the error for a split that leaves no user with anything to find."""
    message = sample_size.too_few(0, "").strip()
    return DataError(message.rstrip("."), hint=sample_size.cause(parts))


def describe(
    material: TrainingData, request: CompareRequest, setup: EvaluationSetup
) -> dict[str, Any]:
    """Return figures of the data and of the protocol; of several tasks, those of the newest."""
    newest = setup.tasks[-1].parts
    train, test = newest.earlier, newest.later
    protocol = request.cut().judged_by
    return {
        "source": request.data.name if request.data else "graph",
        "users": material.events.n_users,
        "items": material.events.n_items,
        "events": len(material.events),
        "protocol": protocol.name,
        "protocol_settings": protocol.settings(),
        "split": request.split,
        "fraction": request.fraction,
        "seed": request.seed,
        "relevant_from": request.relevant_from,
        "cuts": [day(one.cut) for one in setup.tasks if one.cut is not None],
        "train_events": len(train),
        "test_events": len(test),
        "users_without_training": len(np.setdiff1d(test.user, train.user)),
        "items_without_training": len(np.setdiff1d(test.item, train.item)),
    }


def _finish_all(
    entrants: Sequence[ComparedMethod],
    ring: ComparisonSetting,
    report: CompareProgress,
    should_stop: Callable[[], bool],
) -> list[FinishedMethod]:
    done: dict[str, FinishedMethod] = {}
    # What counts comes first: figures to compare with are kept before anything is trained for long.
    for entrant in sorted(entrants, key=lambda one: _cost(one.name)):
        if should_stop():
            raise KeyboardInterrupt
        name = entrant.name
        report(name, "start", None)
        watch = FitObserver(
            lambda stage, progress, name=name: report(name, stage, progress),  # type: ignore[misc]
            should_stop,
            phase=lambda what, name=name: report(name, what, None),  # type: ignore[misc]
        )
        try:
            done[name] = finish(entrant, ring, watch)
        except TrainingStopped:
            raise KeyboardInterrupt from None
        report(name, "found" if done[name].found else "done", None)
    return [done[entrant.name] for entrant in entrants]


@contextmanager
def _earlier_objects_kept() -> Iterator[None]:
    """Leave what there is out of collections: PyTorch's alone is a third of a second each time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _cost(name: str) -> int:
    """Return the place of a method among the others by what it costs: counted, solved, trained."""
    if name in MODELS:
        return 3 if MODELS[name].kind == "gnn" else 2
    solved = name in PLAIN and (PLAIN[name].vectors or PLAIN[name].edges)
    return 1 if solved else 0

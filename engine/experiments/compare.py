"""Compare models: train each, judge all by one protocol on one split, say who wins."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.config import Settings
from engine.data import splits
from engine.data.interactions import Interactions
from engine.data.reading.read_options import ReadOptions
from engine.data.training_data import TrainingData
from engine.errors import DataError, UsageError
from engine.evaluation import sample_size
from engine.evaluation.standings import MethodStanding, Protocol, headline, standings
from engine.experiments import blend_without_vectors, experiment
from engine.experiments.compared_methods import (
    ComparedMethod,
    ComparisonSetting,
    FinishedMethod,
    finish,
    kinds_of_settings,
)
from engine.experiments.fitting import FitObserver, TrainingStopped
from engine.experiments.train import code_version, gather
from engine.experiments.training_request import TrainingRequest, content
from engine.interrupt import interruptible
from engine.loading.event_file import read_events
from engine.models import MODELS
from engine.models.registry_entries import ExtraData
from engine.store.graph_client import GraphClient
from engine.training import device, seed
from engine.training.trainer import Progress

ALWAYS = ("popular", "buy-again")
"""They stand in every table: what a shop already knows."""
CompareProgress = Callable[[str, str, Progress | None], None]
"""Called with the model, the stage, and where its training stands."""


@dataclass(frozen=True)
class CompareRequest:
    """What is compared, on what.

    Attributes:
        models: Names of trained and of plain methods; popular, buy-again and the
            blend without vectors are added.
        settings: ``NAME`` for every model that has the setting, ``MODEL.NAME`` for one.
        data: A file of events; none means the graph.
        reading: How to read that file.
    """

    models: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    split: splits.SplitKind = "time"
    fraction: float = 0.2
    seed: int = 0
    data: Path | None = None
    reading: ReadOptions = field(default_factory=ReadOptions)

    def on(self, events: Interactions) -> "CompareRequest":
        """Return the request with the split that it comes to on some events."""
        return replace(self, split=splits.usable(self.split, events))

    def entrants(self) -> list[ComparedMethod]:
        """Return the methods with the settings of each.

        Raises:
            UnknownModel: There is no such method.
            UsageError: A setting is unknown, is no method's, or its value is not allowed.
        """
        names = list(dict.fromkeys((*self.models, *ALWAYS, blend_without_vectors.NAME)))
        for name in names:
            _options(name)
        for setting in self.settings:
            model, dot, own = setting.rpartition(".")
            known = [name for name in names if own in _options(name) and model in ("", name)]
            if not known:
                raise UsageError(
                    f"there is no setting {setting}"
                    if dot == "" or model in names
                    else f"{model} is not compared, so it has no setting",
                    hint=f"give NAME or MODEL.NAME with one of {', '.join(names)}; see their "
                    "settings with: engine train --model MODEL --list-settings",
                )
        made = [
            ComparedMethod(name, self._settings(name), self.split, self.fraction, self.seed)
            for name in names
        ]
        for one in made:
            one.effective()
        return made

    def wants(self) -> set[ExtraData]:
        """Return what the models have to be given beside events; the errors are ``entrants``'s."""
        compared = [one for one in self.entrants() if one.name in MODELS]
        return {source for one in compared for source in one.request().wants()}

    def _settings(self, name: str) -> dict[str, str]:
        own = _options(name)
        general = {key: text for key, text in self.settings.items() if key in own}
        prefix = f"{name}."
        return general | {
            key.removeprefix(prefix): text
            for key, text in self.settings.items()
            if key.startswith(prefix)
        }


@dataclass(frozen=True, eq=False)
class CompareReport:
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

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class ComparedData:
    """What methods are compared on, and what a reader has to know of it."""

    material: TrainingData
    remarks: list[str]


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
    split = TrainingRequest(split=request.split, fraction=request.fraction, seed=request.seed)
    protocol = Protocol(
        experiment.outer_split(material.events, split),
        lambda: seed.generator(request.seed, "bootstrap"),
    )
    asked = check(protocol)
    ring = ComparisonSetting(
        material, content(material), code_version(), protocol, settings.home / "compare"
    )

    def work(should_stop: Callable[[], bool]) -> list[FinishedMethod]:
        with device.default_device(settings.device):
            return _finish_all(entrants, ring, report, should_stop)

    done = interruptible(work)
    contestants = [one for finished in done for one in finished.contestants]
    rows = standings(protocol, contestants)
    named = list(zip(entrants, done, strict=True))
    return CompareReport(
        headline(rows, protocol.judged, sample_size.cause(protocol.parts)),
        protocol.judged,
        describe(material, request, protocol) | asked,
        rows,
        {one.name: finished.costs for _, finished in named for one in finished.contestants},
        {entrant.name: entrant.effective() for entrant in entrants},
        [entrant.name for entrant, finished in named if finished.found],
        remarks,
    )


def read_data(
    path: Path, request: CompareRequest, wants: Collection[ExtraData] = ()
) -> ComparedData:
    """Read a file of events.

    Raises:
        FileRefused: It cannot be used.
        DataError: It holds no events, or a model wants features or facts, which it cannot hold.
    """
    if beside := {"features", "facts"} & set(wants):
        raise DataError(
            f"a model learns from {' and '.join(sorted(beside))}, which a file of events lacks",
            hint="load all of it with engine ingest, and run the command without --data",
        )
    read = read_events(path, request.reading)
    said = splits.described(request.split, read.events)
    return ComparedData(TrainingData(read.events), [*read.remarks(path.name), *said])


def pull_data(
    graph: GraphClient, request: CompareRequest, wants: Collection[ExtraData] = ()
) -> ComparedData:
    """Pull the events, and features or facts where a model wants them.

    Raises:
        DataError: There are none.
    """
    material = gather(graph, wants)
    if not len(material.events):
        raise DataError("the graph holds no events", hint="engine ingest FILE, or give --data FILE")
    return ComparedData(material, splits.described(request.split, material.events))


def check(protocol: Protocol) -> dict[str, int]:
    """Return how many users are asked.

    Raises:
        DataError: Nobody has anything to find.
    """
    if not protocol.questions:
        raise nobody(protocol.parts)
    return {
        "users_asked_seen" if seen else "users_asked_unseen": len(question.users)
        for seen, question in protocol.questions.items()
    }


def nobody(parts: splits.Split) -> DataError:
    """Return the error for a split that leaves no user with anything to find."""
    said = sample_size.too_few(0, "").strip()
    return DataError(said.rstrip("."), hint=sample_size.cause(parts))


def describe(material: TrainingData, request: CompareRequest, protocol: Protocol) -> dict[str, Any]:
    """Return figures of the data and of the split."""
    train, test = protocol.parts.earlier, protocol.parts.later
    return {
        "source": request.data.name if request.data else "graph",
        "users": material.events.n_users,
        "items": material.events.n_items,
        "events": len(material.events),
        "split": request.split,
        "fraction": request.fraction,
        "seed": request.seed,
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
    done = []
    for entrant in entrants:
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
            done.append(finish(entrant, ring, watch))
        except TrainingStopped:
            raise KeyboardInterrupt from None
        report(name, "found" if done[-1].found else "done", None)
    return done


def _options(name: str) -> set[str]:
    """Return the names of a method's settings, those of training included."""
    return {one.name for kind in kinds_of_settings(name) for one in fields(kind)}

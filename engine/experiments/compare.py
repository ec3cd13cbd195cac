"""Compare models: train each, judge all by one protocol on one split, say who wins."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.config import Settings
from engine.connections.session import open_graph
from engine.data import splits
from engine.data.interactions import Interactions
from engine.data.reading.read_options import ReadOptions
from engine.data.training_data import TrainingData
from engine.errors import DataError, UsageError
from engine.evaluation import sample_size
from engine.evaluation.standings import MethodStanding, Protocol, headline, standings
from engine.experiments import blend_without_vectors, experiment, gather_data
from engine.experiments.compared_methods import (
    ComparedMethod,
    ComparisonSetting,
    FinishedMethod,
    finish,
    kinds_of_settings,
)
from engine.experiments.fitting import FitObserver, TrainingStopped
from engine.experiments.interrupt import interruptible
from engine.experiments.train import code_version
from engine.experiments.training_request import TrainingRequest, content
from engine.loading.event_file import read_events
from engine.models import MODELS
from engine.models.registry_entries import ExtraData
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
        relevant_from: Least weight of a held-out event that is to be found; None: every one is.
    """

    models: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    split: splits.SplitKind = "time"
    fraction: float = 0.2
    seed: int = 0
    data: Path | None = None
    reading: ReadOptions = field(default_factory=ReadOptions)
    relevant_from: float | None = None

    def cut(self) -> TrainingRequest:
        """Return the request of a training that only cuts the events."""
        return TrainingRequest(
            split=self.split,
            fraction=self.fraction,
            seed=self.seed,
            relevant_from=self.relevant_from,
        )

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
            ComparedMethod(
                name,
                self._settings(name),
                self.split,
                self.fraction,
                self.seed,
                self.relevant_from,
            )
            for name in names
        ]
        for one in made:
            one.effective()
        return made

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


def compare(
    settings: Settings, request: CompareRequest, report: CompareProgress = lambda _m, _s, _p: None
) -> CompareReport:
    """Train and judge the models; a finished one is kept and not trained again.

    Raises:
        DataError: There are no events, or too few to split; a model wants what is not there.
        KeyboardInterrupt: The user stopped it; the same command goes on where it was.
    """
    entrants = request.entrants()
    material, remarks = gather(settings, request, _wants(entrants))
    request = request.on(material.events)
    entrants = request.entrants()
    protocol = Protocol(
        experiment.outer_split(material.events, request.cut()),
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


def gather(
    settings: Settings, request: CompareRequest, wants: Collection[ExtraData] = ()
) -> tuple[TrainingData, list[str]]:
    """Return the events of the request, from its file or from the graph, and remarks on them.

    Raises:
        DataError: There are none, or a model wants features or facts and a file was given.
    """
    if request.data is not None:
        if beside := {"features", "facts"} & set(wants):
            raise DataError(
                f"a model learns from {' and '.join(sorted(beside))}, which a file of events lacks",
                hint="load all of it with engine ingest, and run the command without --data",
            )
        read = read_events(request.data, request.reading)
        said = _of_the_cut(request, read.events)
        return TrainingData(read.events), [*read.remarks(request.data.name), *said]
    with open_graph(settings) as client:
        material = gather_data.gather(client, wants)
    if not len(material.events):
        raise DataError("the graph holds no events", hint="engine ingest FILE, or give --data FILE")
    return material, _of_the_cut(request, material.events)


def _of_the_cut(request: CompareRequest, events: Interactions) -> list[str]:
    return [
        *splits.described(request.split, events),
        *splits.described_relevance(request.relevant_from),
    ]


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
        "relevant_from": request.relevant_from,
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


def _wants(entrants: Sequence[ComparedMethod]) -> set[ExtraData]:
    return {source for one in entrants if one.name in MODELS for source in one.request().wants()}

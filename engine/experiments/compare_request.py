"""What is compared, and on what: the request of compare, evaluate and tune, and its data."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from engine.data import splits
from engine.data.encoding.text_choice import TextChoice
from engine.data.interactions import Interactions
from engine.data.kind_weights import EQUAL, KindWeights
from engine.data.reading.read_options import ReadOptions
from engine.data.training_data import TrainingData
from engine.errors import DataError, UsageError
from engine.evaluation.baselines import ALWAYS
from engine.evaluation.protocols import EvaluationProtocol
from engine.experiments import blend_without_vectors
from engine.experiments.compared_methods import ComparedMethod, kinds_of_settings
from engine.experiments.pulled_data import gather
from engine.experiments.training_request import TrainingRequest
from engine.loading.event_file import read_events
from engine.models import MODELS, PLAIN, require_library
from engine.models.registry_entries import ExtraData
from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class CompareRequest:
    """What is compared, on what.

    Attributes:
        models: Names of trained and of plain methods, each judged by its blend too where it can be
            published; those of ``ALWAYS`` and the blend without vectors are added.
        settings: ``NAME`` for every model that has the setting, ``MODEL.NAME`` for one.
        split: How a single split is cut, where the protocol is none of windows or baskets.
        protocol: How methods are judged; None: by that split.
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
    protocol: EvaluationProtocol | None = None

    def cut(self) -> TrainingRequest:
        """Return the request of a training that only cuts the events."""
        return TrainingRequest(
            split=self.split,
            fraction=self.fraction,
            seed=self.seed,
            relevant_from=self.relevant_from,
            protocol=self.protocol,
        )

    def on(self, events: Interactions) -> "CompareRequest":
        """Return the request with the split that it comes to on some events."""
        return replace(self, split=splits.usable(self.split, events))

    def entrants(self) -> list[ComparedMethod]:
        """Return the methods with the settings of each.

        Raises:
            UnknownModel: There is no such method.
            UsageError: A setting is unknown, is no method's, or its value is not allowed.
            MissingExtra: A method is made by a library that is not installed.
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
                self.protocol,
                blended=name in self.models and _served_once_built(name),
            )
            for name in names
        ]
        for one in made:
            one.effective()
            # Asked here, as a method is made only when those before it are finished.
            require_library(one.name)
        return made

    def wants(self) -> set[ExtraData]:
        """Return what the models have to be given beside events; the errors are ``entrants``'s."""
        compared = [one for one in self.entrants() if one.name in MODELS]
        return {source for one in compared for source in one.request().wants()}

    def texts(self) -> TextChoice:
        """Return which attributes features read as texts, for all models that learn from them.

        Raises:
            UsageError: Two of the models would read others.
        """
        asked = [one.request() for one in self.entrants() if one.name in MODELS]
        found = {one.texts() for one in asked if "features" in one.wants()}
        if len(found) > 1:
            raise UsageError(
                "models that are compared must read the same attributes as texts",
                hint="give --set texts=NAME for all of them, not MODEL.texts",
            )
        return next(iter(found), TextChoice())

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
class ComparedData:
    """What methods are compared on, and what a reader has to know of it."""

    material: TrainingData
    remarks: list[str]


def read_data(
    path: Path,
    request: CompareRequest,
    wants: Collection[ExtraData] = (),
    kinds: KindWeights = EQUAL,
) -> ComparedData:
    """Read a file of events.

    Raises:
        FileRefused: It cannot be used.
        DataError: It holds no events, or lacks what a model learns from beside them.
    """
    if beside := {"features", "facts", "shown"} & set(wants):
        raise DataError(
            f"a model learns from {' and '.join(sorted(beside))}, which a file of events lacks",
            hint="load all of it with engine ingest, and run the command without --data",
        )
    read = read_events(path, request.reading)
    by_basket = request.cut().judged_by.by_basket
    events, kept = kinds.weighed(read.events)
    material = TrainingData(events, baskets=read.baskets[kept] if by_basket else None)
    remarks = [*read.remarks(path.name), *request.cut().remarks(material)]
    return ComparedData(material, remarks)


def pull_data(
    graph: GraphClient,
    request: CompareRequest,
    wants: Collection[ExtraData] = (),
    kinds: KindWeights = EQUAL,
) -> ComparedData:
    """Pull the events, and features or facts where a model wants them.

    Raises:
        DataError: There are none.
    """
    by_basket = request.cut().judged_by.by_basket
    material = gather(graph, wants, request.texts(), by_basket=by_basket, kinds=kinds)
    if not len(material.events):
        raise DataError("the graph holds no events", hint="engine ingest FILE, or give --data FILE")
    return ComparedData(material, request.cut().remarks(material))


def _served_once_built(name: str) -> bool:
    """Tell whether a method makes no steps, and what can be published all the same."""
    return name in PLAIN and (PLAIN[name].vectors or PLAIN[name].edges)


def _options(name: str) -> set[str]:
    """Return the names of a method's settings, those of training included."""
    return {one.name for kind in kinds_of_settings(name) for one in fields(kind)}

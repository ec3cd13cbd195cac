"""Request: what to train and how to judge it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from hashlib import blake2b
from typing import Any

import numpy as np

from engine.data import splits
from engine.data.arrays import Int32Array, Int64Array
from engine.data.encoding.text_choice import TextChoice
from engine.data.interactions import Interactions
from engine.data.model_options import configure, describe
from engine.data.training_data import TrainingData
from engine.errors import UsageError
from engine.evaluation.protocols import (
    EvaluationProtocol,
    EvaluationTask,
    NextBasket,
    SingleSplit,
    Window,
    protocol_named,
)
from engine.models import require_library, trainable
from engine.models.feature_options import FeatureConfig
from engine.models.registry_entries import ExtraData, ModelEntry
from engine.ranking.ranker import RankerSettings
from engine.store.registry_records import Run
from engine.training import data_sized, seed
from engine.training.training_config import TrainingConfig
from engine.version import __version__

_FLAGS = {
    "split": "--split",
    "protocol": "--protocol",
    "window_days": "--window-days",
    "cuts": "--cuts",
}
_OF_THE_CUT = (*_FLAGS, "fraction", "relevant_from", "window_end")
_OF_WINDOWS: Mapping[str, type[Window | NextBasket]] = {
    Window.name: Window,
    NextBasket.name: NextBasket,
}
OF_RANKER = "ranker."
"""Before the name of a setting of ``RankerSettings``."""


@dataclass(frozen=True)
class TrainingRequest:
    """What to train and how to judge it.

    Attributes:
        settings: Texts of ``--set``, of the model's config, of ``TrainingConfig``, or of
            ``RankerSettings`` with ``ranker.`` before the name.
        split: How train and test are cut; the validation part is cut from train the same way.
        fraction: Share of the test part.
        refit: Train a last time on all events; otherwise the ``test`` model is the final one.
        relevant_from: Least weight of a held-out event that is to be found; None: every one is.
        protocol: How it is judged; None: by one split, of the kind and the fraction above.
    """

    model: str = "lightgcn"
    settings: Mapping[str, str] = field(default_factory=dict)
    split: splits.SplitKind = "time"
    fraction: float = 0.2
    seed: int = 0
    refit: bool = True
    relevant_from: float | None = None
    protocol: EvaluationProtocol | None = None

    @classmethod
    def of_run(cls, run: Run) -> "TrainingRequest":
        """Return what a run was trained by and judged on."""
        own = run.settings
        protocol: EvaluationProtocol | None = None
        if (kind := _OF_WINDOWS.get(own.get("protocol", ""))) is not None:
            protocol = kind(own["window_days"], own["cuts"], own.get("window_end"))
        elif named := own.get("protocol"):
            protocol = protocol_named(named)
        return cls(
            run.model,
            {name: str(value) for name, value in own.items() if name not in _OF_THE_CUT},
            own.get("split", "time"),
            own.get("fraction", 0.2),
            run.seed,
            relevant_from=own.get("relevant_from"),
            protocol=protocol,
        )

    @property
    def judged_by(self) -> EvaluationProtocol:
        """The protocol that it comes to."""
        return self.protocol or SingleSplit(self.split, self.fraction)

    def tasks(self, material: TrainingData) -> list[EvaluationTask]:
        """Return the tasks that it is judged on, oldest first.

        Raises:
            DataError: The events lack what the protocol goes by, or are too few.
        """
        draw, least = partial(seed.generator, self.seed), self.relevant_from
        found = self.judged_by.tasks(material.events, draw, material.baskets)
        return [
            EvaluationTask(
                splits.relevant(one.parts, least),
                lambda one=one: splits.relevant(one.validation, least),  # type: ignore[misc]
                one.cut,
            )
            for one in found
        ]

    def validations(self, material: TrainingData, count: int = 1) -> list[EvaluationTask]:
        """Return what a search is validated on, oldest first: all older than the oldest cut.

        One is the oldest task's own validation. Several are the windows before its cut, cut as the
        protocol cuts its own; fewer where the events do not go back so far.

        Args:
            material: What it would be trained on.
            count: How many.

        Raises:
            DataError: As ``tasks``; or no window before the oldest cut has most of the older events
                before it.
            UsageError: The protocol has no windows, and several are asked for.
        """
        oldest, judged = self.tasks(material)[0], self.judged_by
        if count == 1:
            return [EvaluationTask(oldest.validation, lambda: oldest.validation)]
        if not isinstance(judged, Window | NextBasket) or oldest.cut is None:
            raise UsageError(
                f"--protocol {judged.name} has no windows, so {count} cannot be validated on",
                hint="leave out --cuts, or give --protocol window",
            )
        older = material.events.at < oldest.cut
        baskets = None if material.baskets is None else material.baskets[older]
        before = replace(self, protocol=replace(judged, cuts=count, end=oldest.cut))
        return before.tasks(TrainingData(material.events.select(older), baskets=baskets))

    def remarks(self, material: TrainingData) -> list[str]:
        """Return what a reader has to know of how it is judged on some events.

        Raises:
            DataError: They lack what the protocol goes by.
        """
        return [
            *([] if self.protocol else splits.described(self.split, material.events)),
            *self.judged_by.notes(material.events, material.baskets),
            *splits.described_relevance(self.relevant_from),
        ]

    def configs(self) -> tuple[Any, TrainingConfig]:
        """Return the model's config and that of training.

        Raises:
            UsageError: A setting is unknown or its value is not allowed.
            UnknownModel: There is no such model.
            MissingExtra: It is made by a library that is not installed.
        """
        chosen = trainable(self.model)
        require_library(self.model)
        shared = {one.name for one in fields(TrainingConfig)}
        own = {one.name for one in fields(chosen.config)}
        self.ranker_settings()
        settings = {
            name: text for name, text in self.settings.items() if not name.startswith(OF_RANKER)
        }
        for name in settings:
            if name not in shared | own:
                raise UsageError(
                    f"there is no setting {name}",
                    hint=f"use --set with one of {', '.join(sorted(shared | own))}",
                )
        of_training = dict(chosen.training) if isinstance(chosen, ModelEntry) else {}
        of_training |= {name: text for name, text in settings.items() if name in shared}
        of_model = {name: text for name, text in settings.items() if name not in shared}
        training = configure(TrainingConfig, of_training)
        if isinstance(chosen, ModelEntry):
            training.check_model(chosen)
        return configure(chosen.config, of_model), training

    def configs_for(self, events: Interactions) -> tuple[Any, TrainingConfig]:
        """Return both, with what is left to the data as these events have it.

        Raises:
            UsageError, UnknownModel: As ``configs``.
        """
        model, training = self.configs()
        chosen = trainable(self.model)
        if isinstance(chosen, ModelEntry):
            training = data_sized.sized(training, chosen, events)
        return model, training

    def ranker_settings(self) -> RankerSettings:
        """Return how the trees of its ranker grow.

        Raises:
            UsageError: A setting is unknown or its value is not allowed.
        """
        return configure(
            RankerSettings,
            {
                name.removeprefix(OF_RANKER): text
                for name, text in self.settings.items()
                if name.startswith(OF_RANKER)
            },
        )

    def command(self) -> str:
        """Return the ``engine train`` that does it; settings at their defaults are not named."""
        default = replace(self, settings={}).effective()
        judged = self.judged_by.settings() if self.protocol or self.split != "time" else {}
        parts = [
            f"--model {self.model}",
            *(
                f"--set {name}={text}"
                for name, text in self.settings.items()
                if str(default.get(name)) != text
            ),
            *(f"{flag} {judged[name]}" for name, flag in _FLAGS.items() if name in judged),
            *([f"--seed {self.seed}"] if self.seed else []),
            *([] if self.relevant_from is None else [f"--relevant-from {self.relevant_from:g}"]),
        ]
        return " ".join(["engine train", *parts])

    def effective(self) -> dict[str, Any]:
        """Return every setting with its value, defaults included; of a ranker those given."""
        model, training = self.configs()
        judged = {} if self.relevant_from is None else {"relevant_from": self.relevant_from}
        ranker = {
            f"{OF_RANKER}{name}": value
            for name, value in asdict(self.ranker_settings()).items()
            if f"{OF_RANKER}{name}" in self.settings
        }
        return self.judged_by.settings() | judged | asdict(model) | asdict(training) | ranker

    def wants(self) -> Collection[ExtraData]:
        """Return what the model has to be given beside events."""
        chosen = trainable(self.model)
        if not isinstance(chosen, ModelEntry):
            return ()
        model, training = self.configs()
        shown: tuple[ExtraData, ...] = ("shown",) if training.shown_negatives else ()
        return (*chosen.wants(model), *shown)

    def texts(self) -> TextChoice:
        """Return which attributes the model reads as texts, and what reads them."""
        config = self.configs()[0]
        if not isinstance(config, FeatureConfig):
            return TextChoice()
        return TextChoice(config.texts, config.sentence_model)

    def fingerprint(self, material: TrainingData) -> str:
        """Return what must be equal for a stopped run to be continued: version, request, data."""
        digest = blake2b(digest_size=12)
        # Another version's state may mean something else.
        head = [__version__, self.model, self.effective(), self.seed]
        digest.update(json.dumps(head, sort_keys=True).encode())
        digest.update(content(material))
        return digest.hexdigest()


def content(material: TrainingData) -> bytes:
    """Return what two equal sets of data have in common, and no others."""
    events = material.events
    digest = blake2b(digest_size=12)
    names = "\x1f".join((*events.events, *map(str, events.kind_weights)))
    digest.update((events.users.content_hash + events.items.content_hash + names).encode())
    columns = (events.weight, events.event, events.item, events.at, events.user)
    order = np.lexsort(columns)  # a store may hand over events of one moment in any order
    for column in columns:
        digest.update(column[order].tobytes())
    for beside in (material.knowledge, material.features, material.unwanted, material.shown):
        digest.update(b"" if beside is None else beside.digest())
    if material.baskets is not None:
        digest.update(_numbered_anew(events.user[order], material.baskets[order]).tobytes())
    return digest.digest()


def _numbered_anew(user: Int32Array, baskets: Int64Array) -> Int64Array:
    """Number baskets by their first event: a file and a graph number the same ones otherwise."""
    keys = user.astype(np.int64) * (int(baskets.max(initial=0)) + 2) + baskets + 1
    _, first, position = np.unique(keys, return_index=True, return_inverse=True)
    return np.where(baskets < 0, -1, first[position.reshape(-1)]).astype(np.int64)


def describe_settings(model: str) -> list[dict[str, Any]]:
    """Return name, default, range and meaning of every setting of ``model``."""
    chosen = trainable(model)
    if not isinstance(chosen, ModelEntry):
        of_vectors = describe(TrainingConfig, ("most_dimensions",)) if chosen.vectors else []
        return [asdict(one) for one in (*describe(chosen.config), *of_vectors)]
    rows = [asdict(one) for kind in (chosen.config, TrainingConfig) for one in describe(kind)]
    own = asdict(configure(TrainingConfig, chosen.training))
    rows = [row | {"default": own.get(row["name"], row["default"])} for row in rows]
    ranker = [asdict(one) for one in describe(RankerSettings)]
    return rows + [row | {"name": OF_RANKER + row["name"]} for row in ranker]

"""Job files: what processes train on and begin with, in a folder that all of them map into memory.

One process writes the events, the facts and every tensor of the model; the others take the rows
that they hold, and put them back in the end. What is only read lies in memory once.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from engine import private_files
from engine.data.arrays import AnyArray
from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.negative_feedback import NegativeFeedback
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.models import MODELS
from engine.training.training_config import TrainingConfig

_EVENTS = ("user", "item", "weight", "at", "event")
_FACTS = ("head", "relation", "tail")
_UNWANTED = ("user", "item", "weight", "at")
_JOB = "job.json"
_TABLES = "tensors"


class _Numbered(Vocabulary):
    """Rows that are known by their number alone: who trains needs no id.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        super().__init__(())
        self._count = count

    def __len__(self) -> int:
        return self._count


@dataclass(frozen=True)
class TrainingJob:
    """What is to be trained, as every process is told.

    Attributes:
        model: Name of it.
        model_config: Its settings.
        config: Those of training.
        seed: Of all that is drawn.
        validated: Whether an epoch ends with a question to who gave the job.
        state: Where the state to continue from is kept; empty: nowhere.
        fingerprint: Of data and settings.
    """

    model: str
    model_config: Any
    config: TrainingConfig
    seed: int
    validated: bool = False
    state: str = ""
    fingerprint: str = ""


@dataclass(frozen=True)
class JobFiles:
    """The folder of one job.

    Attributes:
        folder: Where it is.
    """

    folder: Path

    @property
    def stop(self) -> Path:
        """A file whose presence asks the processes to stop after the step they are at."""
        return self.folder / "stop"

    def write(
        self, job: TrainingJob, material: TrainingData, tensors: Mapping[str, AnyArray]
    ) -> None:
        """Write what is trained on, and what the model begins with."""
        private_files.make_folder(self.folder / _TABLES)
        events, facts = material.events, material.knowledge
        about: dict[str, Any] = asdict(job) | {
            "counts": [events.n_users, events.n_items],
            "events": list(events.events),
            "kind_weights": list(events.kind_weights),
            "facts": None,
            "unwanted": None,
            "tensors": list(tensors),
        }
        for name in _EVENTS:
            np.save(self.folder / f"{name}.npy", getattr(events, name))
        if facts is not None:
            about["facts"] = {"entities": len(facts.entities), "relations": list(facts.relations)}
            for name in _FACTS:
                np.save(self.folder / f"fact-{name}.npy", getattr(facts, name))
        for number, one in enumerate(tensors.values()):
            np.save(self._table(number), one)
        if (unwanted := material.unwanted) is not None:
            about["unwanted"] = len(unwanted)
            for name in _UNWANTED:
                np.save(self.folder / f"unwanted-{name}.npy", getattr(unwanted, name))
        private_files.write_text(self.folder / _JOB, json.dumps(about))

    def read(self) -> tuple[TrainingJob, TrainingData]:
        """Return the job, and what is trained on; ids are left out."""
        about = self._about()
        n_users, n_items = about["counts"]
        user, item, weight, at, event = (self._mapped(f"{name}.npy") for name in _EVENTS)
        kinds = tuple(about["events"]), tuple(about["kind_weights"])
        known = _Numbered(n_users), _Numbered(n_items)
        events = Interactions(*known, user, item, weight, at, event, *kinds)
        facts = None
        if about["facts"] is not None:
            entities, relations = _Numbered(about["facts"]["entities"]), about["facts"]["relations"]
            columns = (self._mapped(f"fact-{name}.npy") for name in _FACTS)
            facts = Knowledge(n_users, n_items, entities, tuple(relations), *columns)
        told = {name: about[name] for name in TrainingJob.__dataclass_fields__}
        told["config"] = TrainingConfig(**told["config"])
        told["model_config"] = MODELS[told["model"]].config(**told["model_config"])
        unwanted = None
        if about["unwanted"] is not None:
            columns = (self._mapped(f"unwanted-{name}.npy") for name in _UNWANTED)
            unwanted = NegativeFeedback(*columns)
        return TrainingJob(**told), TrainingData(events, facts, unwanted=unwanted)

    def tensors(self, *, to_write: bool = False) -> dict[str, AnyArray]:
        """Return every tensor of the model, mapped into memory."""
        mode: Literal["r+", "c"] = "r+" if to_write else "c"
        return {
            name: np.load(self._table(number), mmap_mode=mode)
            for number, name in enumerate(self._about()["tensors"])
        }

    def _table(self, number: int) -> Path:
        return self.folder / _TABLES / f"{number}.npy"

    def _mapped(self, name: str) -> AnyArray:
        # Copy on write: torch takes no array that cannot be written.
        mapped: AnyArray = np.load(self.folder / name, mmap_mode="c")
        return mapped

    def _about(self) -> dict[str, Any]:
        about: dict[str, Any] = json.loads((self.folder / _JOB).read_text(encoding="utf-8"))
        return about

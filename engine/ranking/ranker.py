"""The second stage: gradient-boosted trees that put candidates in order (LambdaMART).

Burges: From RankNet to LambdaRank to LambdaMART, 2010; trees by LightGBM (Ke et al. 2017). What is
kept is LightGBM's own text, which is read without running anything.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import private_files
from engine.data.arrays import BoolArray, Float32Array, Float64Array, Int64Array
from engine.data.model_options import Span, option
from engine.errors import CheckpointInvalid, DataError
from engine.optional_dependencies import hidden
from engine.ranking.candidate_features import FEATURES, INCREASING

if TYPE_CHECKING:
    import lightgbm

_MANY_ROWS = 200_000
_TOP = 30
"""Pairs below this place of a list do not matter: somewhat more than the longest list judged."""


@dataclass(frozen=True)
class RankerSettings:
    """How the trees grow."""

    trees: int = option(150, "most trees; validation chooses among thirds of it", low=3, high=2_000)
    leaves: int = option(31, "most leaves of a tree", low=2, high=255, tune=(7, 15, 31, 63))
    learning_rate: float = option(
        0.05, "what a tree adds", low=0.001, high=1.0, tune=Span(0.02, 0.2, log=True)
    )
    rows_per_leaf: int = option(
        100, "fewest candidates in a leaf", low=1, high=100_000, tune=(20, 50, 100, 200, 500)
    )
    columns: float = option(
        0.6,
        "share of the features that a tree may look at",
        low=0.05,
        high=1.0,
        tune=Span(0.3, 1.0),
    )


@dataclass(frozen=True, eq=False)
class LabelledCandidates:
    """Candidates of one window, and which of them were right.

    Attributes:
        user: ``(n,) int64``, equal numbers side by side.
        features: ``(n, len(FEATURES)) float32``.
        right: ``(n,) bool``: the user took the item in the window.
    """

    user: Int64Array
    features: Float32Array
    right: BoolArray

    def thinned(self, share: float, generator: np.random.Generator) -> "LabelledCandidates":
        """Return them with those that were right and a share of the others."""
        if share >= 1.0:
            return self
        kept = self.right | (generator.random(len(self.right)) < share)
        return LabelledCandidates(self.user[kept], self.features[kept], self.right[kept])


@dataclass(frozen=True, eq=False)
class Ranker:
    """Trees that score candidates.

    Attributes:
        text: All of it: a line of JSON that names the attributes it knows groups by, then the trees
            as LightGBM writes them.
    """

    text: str

    @classmethod
    def of(cls, trees: str, groups: Sequence[str]) -> "Ranker":
        """Return the ranker of LightGBM's text and of the attributes that group items."""
        return cls(json.dumps({"groups": list(groups)}) + "\n" + trees)

    @property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def groups(self) -> tuple[str, ...]:
        """The attributes that group items, in the order of the features."""
        return tuple(json.loads(self.text.partition("\n")[0])["groups"])

    @cached_property
    def _trees(self) -> "lightgbm.Booster":
        trees: lightgbm.Booster = _lightgbm().Booster(model_str=self.text.partition("\n")[2])
        return trees

    def score(self, features: Float32Array, trees: int | None = None) -> Float64Array:
        """Return the score of each row, ``(n,) float64``; only those of one user compare.

        Args:
            features: ``(n, len(FEATURES)) float32``.
            trees: How many of the first; None: all.
        """
        if not len(features):
            return np.zeros(0)
        # One thread: a list is short, and a service answers several at once.
        found = self._trees.predict(features, num_iteration=trees, num_threads=1)
        return np.asarray(found, dtype=np.float64)

    def contributions(self, features: Float32Array) -> Float64Array:
        """Return what each feature adds to each score, ``(n, len(FEATURES)) float64``.

        Shapley values of the trees (Lundberg et al. 2020); with the expected score they add up to
        the score.
        """
        parts = self._trees.predict(features, pred_contrib=True, num_threads=1)
        return np.asarray(parts, dtype=np.float64)[:, :-1]


def fit(
    windows: Sequence[LabelledCandidates],
    settings: RankerSettings,
    groups: Sequence[str],
    seed: int,
    threads: int = 0,
) -> Ranker:
    """Learn from windows; users of whose candidates none or every one was right teach nothing.

    Equal windows, settings and seed give equal bits on one machine, whatever the threads.

    Args:
        windows: Each of another time.
        settings: How the trees grow.
        groups: The attributes that group items.
        seed: Of the columns that each tree looks at.
        threads: How many; 0: one for few rows, where others would wait for each other, and as many
            as there are processors for many.

    Raises:
        DataError: Nobody took anything that was a candidate.
    """
    lightgbm = _lightgbm()
    parts = [_telling(window) for window in windows]
    sizes = np.concatenate([part[2] for part in parts]) if parts else np.zeros(0)
    if not len(sizes):
        raise DataError(
            "no user took any candidate in the windows the ranker learns from",
            hint="more events, or longer windows",
        )
    data = lightgbm.Dataset(
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]).astype(np.int32),
        group=sizes,
        feature_name=list(FEATURES),
    )
    if not threads and sum(len(part[0]) for part in parts) < _MANY_ROWS:
        threads = 1
    trees = lightgbm.train(_parameters(settings, seed, threads), data, settings.trees)
    return Ranker.of(_without_parameters(trees.model_to_string()), groups)


def _lightgbm() -> ModuleType:
    """Import LightGBM: it takes most of a second, and most commands rank nothing."""
    with hidden("pandas", "sklearn"):
        return import_module("lightgbm")


def save(path: Path, ranker: Ranker) -> None:
    """Write a ranker's text in one move."""
    with private_files.replacing(path) as file:
        file.write(ranker.text.encode())


def load(path: Path, digest: str) -> Ranker:
    """Read a ranker.

    Raises:
        CheckpointInvalid: It is missing, is not the one of that digest, or is of other features.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CheckpointInvalid(
            f"there is no ranker {path.name}", hint="train again: engine train"
        ) from error
    return checked(text, digest)


def checked(text: str, digest: str) -> Ranker:
    """Return the ranker of a text.

    Raises:
        CheckpointInvalid: It is not the one of that digest, or was made for other features.
    """
    ranker = Ranker(text)
    if ranker.digest != digest:
        raise CheckpointInvalid("the ranker is not the one that was published: its SHA-256 differs")
    named = next((line for line in text.splitlines() if line.startswith("feature_names=")), "")
    if named.removeprefix("feature_names=").split() != list(FEATURES):
        raise CheckpointInvalid(
            "the ranker was made for other features", hint="train again: engine train"
        )
    return ranker


def _without_parameters(text: str) -> str:
    """Return the trees alone: how many threads grew them makes no other ranker."""
    trees, _, rest = text.partition("\nparameters:\n")
    return trees + rest.partition("end of parameters\n")[2]


def _telling(window: LabelledCandidates) -> tuple[Float32Array, BoolArray, Int64Array]:
    """Return rows, labels and list lengths of the users who took some candidates, but not all."""
    _, position, sizes = np.unique(window.user, return_inverse=True, return_counts=True)
    taken = np.bincount(position, window.right, len(sizes))
    some = (taken > 0) & (taken < sizes)
    keep = some[position]
    return window.features[keep], window.right[keep], sizes[some]


def _parameters(settings: RankerSettings, seed: int, threads: int) -> dict[str, Any]:
    asked = asdict(settings)
    return {
        "objective": "lambdarank",
        "lambdarank_truncation_level": _TOP,
        "num_leaves": asked["leaves"],
        "learning_rate": asked["learning_rate"],
        "min_data_in_leaf": asked["rows_per_leaf"],
        "feature_fraction": asked["columns"],
        "monotone_constraints": [int(name in INCREASING) for name in FEATURES],
        "seed": seed,
        "num_threads": threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }

"""Each check that is shipped for models of others finds the fault that it is there for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse

from engine.extension import Embeddings, Loss, PlainMethod, Scored, option
from engine.models import MODELS, PLAIN
from engine.models.confidence import ConfidenceConfig
from engine.models.encoder import Encoder
from engine.models.registry_entries import ItemScorer, ModelEntry
from engine.testing import ContractCheck, checks_of, checks_of_loss

BPR = MODELS["bpr-mf"]
ALS = PLAIN["als"]
KNN = PLAIN["item-knn"]


class Faulty:
    """A model that is right but for what a test puts in place of one of its methods."""

    def __init__(self, whole: Any, **instead: Callable[..., Any]) -> None:
        self._whole, self._instead = whole, instead

    def __getattr__(self, name: str) -> Any:
        if name in self._instead:
            return lambda *given: self._instead[name](self._whole, *given)
        return getattr(self._whole, name)


def faulty(entry: ModelEntry, **instead: Callable[..., Any]) -> ModelEntry:
    build: Callable[..., Encoder[Any]] = lambda *given: Faulty(entry.build(*given), **instead)  # noqa: E731
    return replace(entry, build=build)


def faulty_plain(entry: PlainMethod, **instead: Callable[..., Any]) -> PlainMethod:
    build: Callable[..., ItemScorer] = lambda *given: Faulty(entry.build(*given), **instead)  # noqa: E731
    return replace(entry, build=build)


def fails(checks: list[ContractCheck]) -> set[str]:
    """Return the names of the checks that do not hold."""
    found = set()
    for check in checks:
        try:
            check()
        except AssertionError:
            found.add(check.name)
    return found


def some(entry: ModelEntry, *names: str) -> set[str]:
    """Return those of the named checks that fail."""
    return fails([check for check in checks_of(entry) if check.name in names])


def shifted(model: Any) -> Embeddings:
    """Return the vectors, with something to say of nodes of which nothing is known."""
    found = model.encode()
    return replace(found, items=found.items + np.float32(0.01))


def noisy(model: Any) -> Embeddings:
    found = model.encode()
    return replace(found, items=found.items + np.random.standard_normal(found.items.shape))


def doubled(model: Any) -> Embeddings:
    found = model.encode()
    return replace(found, users=found.users.astype(np.float64))


def counted(model: Any, batch: Any, loss: Loss) -> torch.Tensor:
    model.hidden_steps = getattr(model, "hidden_steps", 0) + 1
    return model.fit_step(batch, loss)


def by_hidden_steps(model: Any) -> Embeddings:
    found = model.encode()
    return replace(found, items=found.items * np.float32(1 + getattr(model, "hidden_steps", 0)))


def with_an_idle_tensor(model: Any) -> dict[str, torch.Tensor]:
    return model.state() | {"idle": torch.zeros(3, requires_grad=True)}


def no_loss(model: Any, batch: Any, loss: Loss) -> torch.Tensor:
    return 0.0 * model.fit_step(batch, loss)


def no_numbers(model: Any) -> Embeddings:
    found = model.encode()
    return replace(found, users=found.users * np.float32(np.nan))


@pytest.mark.parametrize(
    ("check", "instead"),
    [
        ("learns_a_known_answer", {"fit_step": no_loss}),
        ("same_seed_same_bits", {"encode": noisy}),
        ("trains_every_tensor", {"state": with_an_idle_tensor}),
        ("state_is_all_of_it", {"fit_step": counted, "encode": by_hidden_steps}),
        ("vectors_have_their_shape", {"encode": shifted}),
        ("vectors_have_their_shape", {"encode": doubled}),
        ("trains_with_bpr", {"encode": no_numbers}),
    ],
)
def test_a_faulty_model_is_found(check: str, instead: dict[str, Any]) -> None:
    assert some(BPR, check) == set()
    assert some(faulty(BPR, **instead), check) == {check}


class KeepsItsArray:
    """Hands out one array again and again."""

    def __init__(self, whole: Any) -> None:
        self._given = whole.score(np.array([3, 0, 40]))

    def __call__(self, _whole: Any, _rows: Any) -> Any:
        return self._given


def kept(entry: PlainMethod) -> PlainMethod:
    def build(*given: Any) -> Any:
        whole = entry.build(*given)
        return Faulty(whole, score=KeepsItsArray(whole))

    return replace(entry, build=build)


def drawn(_whole: Any, rows: Any) -> Any:
    return np.random.standard_normal((len(rows), 31)).astype(np.float32)


def nothing_of_all(whole: Any, rows: Any) -> Any:
    return np.full_like(whole.score(rows), -np.inf)


@pytest.mark.parametrize(
    ("found", "entry"),
    [
        ({"scores_every_item"}, faulty_plain(ALS, score=nothing_of_all)),
        (
            {"scores_every_item"},
            faulty_plain(ALS, score=lambda whole, rows: whole.score(rows).astype(np.float64)),
        ),
        ({"scores_every_item"}, faulty_plain(ALS, score=lambda whole, rows: whole.score(rows)[1:])),
        ({"gives_scores_away"}, kept(ALS)),
        ({"gives_scores_away", "same_seed_same_scores"}, faulty_plain(ALS, score=drawn)),
        ({"has_what_it_says"}, replace(ALS, vectors=False)),
        ({"has_what_it_says"}, replace(ALS, edges=True)),
        (
            {"has_what_it_says"},
            faulty_plain(ALS, embeddings=lambda whole: doubled_vectors(whole.embeddings())),
        ),
    ],
)
def test_a_faulty_plain_method_is_found(found: set[str], entry: PlainMethod) -> None:
    assert fails(checks_of(ALS, {"dimension": "4"})) == set()
    assert fails(checks_of(entry, {"dimension": "4"})) == found


@pytest.mark.parametrize(
    "instead",
    [
        lambda whole, most: whole.item_edges(most) + sparse.eye_array(31, format="csr"),
        lambda whole, most: whole.item_edges(most + 1),
        lambda whole, most: whole.item_edges(most).astype(np.float64),
        lambda whole, most: whole.item_edges(most)[:-1],
        lambda whole, most: whole.item_edges(most) * np.float32(np.nan),
        lambda _whole, _most: sparse.csr_array((31, 31), dtype=np.float32),
    ],
)
def test_faulty_edges_are_found(instead: Callable[..., Any]) -> None:
    assert fails(checks_of(KNN)) == set()
    assert fails(checks_of(faulty_plain(KNN, item_edges=instead))) == {"has_what_it_says"}


def test_edges_that_could_not_be_served_are_found() -> None:
    assert fails(checks_of(replace(KNN, config=NoFilter))) == {"has_what_it_says"}


def doubled_vectors(found: Embeddings) -> Embeddings:
    return replace(found, items=found.items.astype(np.float64))


@dataclass(frozen=True)
class NoFilter(ConfidenceConfig):
    """What edges are made by, and nothing of how they are kept."""

    neighbours: int = option(0, "nearest items kept per item; 0: all", low=0)


@dataclass(frozen=True)
class Untold:
    """One of its settings is not made by ``option``."""

    factors: int = option(4, "numbers of a vector", low=1, high=8)
    pair: tuple[int, int] = (1, 2)


def test_settings_that_do_not_survive_are_found() -> None:
    with pytest.raises(AssertionError, match="pair"):
        checks_of(replace(ALS, config=Untold))[0]()


def upside_down(_temperature: float) -> Loss:
    return lambda batch: (batch.own[:, None] - batch.others.nan_to_num(0.0, 0.0, 0.0)).mean()


def left_out_counts(_temperature: float) -> Loss:
    return lambda batch: ((batch.others - batch.own[:, None]) ** 2).mean()


def without_weights(_temperature: float) -> Loss:
    return lambda batch: torch.relu(batch.others - batch.own[:, None] + 1.0).mean()


def per_pair(_temperature: float) -> Loss:
    def loss(batch: Scored) -> torch.Tensor:
        return torch.relu(batch.others - batch.own[:, None] + 1.0).mean(dim=1)

    return loss


@pytest.mark.parametrize(
    ("make", "check"),
    [
        (upside_down, "pulls_positives_up"),
        (left_out_counts, "has_finite_gradients"),
        (per_pair, "is_one_number"),
        (without_weights, "counts_weights"),
    ],
)
def test_a_faulty_loss_is_found(make: Callable[[float], Loss], check: str) -> None:
    try:
        found = fails(checks_of_loss(make))
    except RuntimeError:  # what is no number has no backward()
        found = fails(checks_of_loss(make)[:1])
    assert check in found

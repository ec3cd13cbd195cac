from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import sparse

from engine.data.vocabulary import Vocabulary
from engine.training import checkpoint, warm_start
from engine.training.checkpoint import TrainedModel
from engine.training.checkpoint_removal import remove_from_start, without
from engine.training.warm_start import FirstVectors

USERS, ITEMS = Vocabulary(["a", "b", "c", "d"]), Vocabulary(["x", "y", "z"])


def _model(**more: object) -> TrainedModel:
    rng = np.random.default_rng(1)
    made = TrainedModel(
        user_vectors=rng.normal(size=(4, 2)).astype(np.float32),
        item_vectors=rng.normal(size=(3, 2)).astype(np.float32),
        users=USERS,
        items=ITEMS,
        scoring="cosine",
        popularity_weight=0.1,
        again_weight=0.2,
        half_life_days=3.0,
        model="lightgcn",
        weights={"vectors": np.ones((7, 2)), "layer": np.ones((2, 2)), "users": np.ones((2, 4))},
    )
    return replace(made, **more)  # type: ignore[arg-type]


def _users(*gone: str):  # type: ignore[no-untyped-def]
    def chosen(kind: str, ids: Collection[str]) -> set[str]:
        return set(gone).intersection(ids) if kind == "user" else set()

    return chosen


def _items(*gone: str):  # type: ignore[no-untyped-def]
    def chosen(kind: str, ids: Collection[str]) -> set[str]:
        return set(gone).intersection(ids) if kind == "item" else set()

    return chosen


def test_a_user_goes_with_vector_and_table_and_the_others_stay_as_they_are() -> None:
    before = _model()
    after, gone = without(before, _users("b", "nobody"))
    assert gone == 1
    assert after.users.ids == ("a", "c", "d")
    assert np.array_equal(after.user_vectors, before.user_vectors[[0, 2, 3]])
    assert after.item_vectors is before.item_vectors
    assert set(after.weights) == {"layer"}
    assert after.digest() != before.digest()


def test_nobody_to_take_out_is_the_same_model() -> None:
    before = _model()
    assert without(before, _users("x")) == (before, 0)


def test_an_item_goes_with_its_edges() -> None:
    table = np.array([[0, 1, 2], [3, 0, 4], [5, 6, 0]], dtype=np.float32)
    after, gone = without(_model(edges=sparse.csr_array(table)), _items("y"))
    assert gone == 1
    assert after.items.ids == ("x", "z")
    assert after.edges is not None
    assert np.array_equal(after.edges.toarray(), [[0, 2], [5, 0]])


@pytest.mark.parametrize(
    ("chosen", "left"), [(_users("a"), {"vectors", "positions"}), (_items("x"), {"positions"})]
)
def test_weights_that_make_users_at_request_time_stay(chosen: object, left: set[str]) -> None:
    weights = {"vectors": np.ones((3, 2)), "positions": np.ones((4, 2))}
    after, gone = without(_model(model="sasrec", weights=weights), chosen)  # type: ignore[arg-type]
    assert gone == 1
    assert set(after.weights) == left


def test_what_is_left_is_written_and_read_as_any_checkpoint(tmp_path: Path) -> None:
    after, _ = without(_model(), _users("a"))
    checkpoint.save(tmp_path / "model.pt", after)
    assert checkpoint.load(tmp_path / "model.pt").digest() == after.digest()


def test_first_vectors_lose_the_rows_of_both_sides(tmp_path: Path) -> None:
    path = tmp_path / warm_start.FILE
    vectors = torch.arange(14, dtype=torch.float32).reshape(7, 2)
    warm_start.save(path, {"search": FirstVectors(USERS, ITEMS, vectors, 5)})

    def chosen(kind: str, ids: Collection[str]) -> set[str]:
        return {"c"} if kind == "user" else {"x"}

    assert remove_from_start(path, chosen) == 2
    start = warm_start.load(path, "key")["search"]
    assert (start.users.ids, start.items.ids) == (("a", "b", "d"), ("y", "z"))
    assert torch.equal(start.vectors, vectors[[0, 1, 3, 5, 6]])
    assert remove_from_start(path, chosen) == 0

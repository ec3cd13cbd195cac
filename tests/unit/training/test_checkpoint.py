import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse

from engine.data.encoding.text_choice import TextChoice
from engine.data.feature_encoding import Described, FeatureEncoder
from engine.data.vocabulary import Vocabulary
from engine.errors import CheckpointInvalid
from engine.training import array_file, checkpoint, training_state
from engine.training.checkpoint import TrainedModel


def some() -> TrainedModel:
    return TrainedModel(
        user_vectors=np.eye(2, 3, dtype=np.float32),
        item_vectors=np.eye(3, dtype=np.float32),
        users=Vocabulary(["a", "b"]),
        items=Vocabulary(["x", "y", "ζ"]),
        scoring="cosine",
        popularity_weight=0.5,
        again_weight=1.0,
        half_life_days=45.0,
        model="lightgcn",
        settings={"layers": 3},
        metrics={"ndcg@20": 0.1},
        data_watermark=7,
        seed=1,
        weights={"vectors": np.ones((2, 2), dtype=np.float32)},
    )


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "run" / "model.safetensors"
    checkpoint.save(path, some())
    found = checkpoint.load(path)
    assert (found.user_vectors == some().user_vectors).all()
    assert (found.users, found.items) == (some().users, some().items)
    assert (found.settings, found.metrics, found.data_watermark) == (
        {"layers": 3},
        {"ndcg@20": 0.1},
        7,
    )
    assert [file.name for file in path.parent.iterdir()] == ["model.safetensors"]


def test_an_item_that_arrives_tomorrow_is_encoded_as_those_of_today(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    known = Described(
        [{"price": str(n), "about": f"The tea of the hills, {n % 9}{n % 7}"} for n in range(60)],
        [[f"MADE_BY=Brand:{n % 7}", f"IN=Shelf:{n}"] for n in range(60)],
        {"picture": rng.normal(size=(60, 300)).astype(np.float32)},
    )
    unseen = Described(
        [{"price": "99", "about": "A coffee of the hills, 33"}],
        [["MADE_BY=Brand:3"]],
        {"picture": rng.normal(size=(1, 300)).astype(np.float32)},
    )
    encoder = FeatureEncoder.fitted(known, TextChoice("about"))
    path = tmp_path / "model.safetensors"
    checkpoint.save(path, replace(some(), encoders={"items": encoder.state()}))
    found = checkpoint.load(path)
    restored = FeatureEncoder.restored(found.encoders["items"])
    today, tomorrow = encoder.encode(unseen), restored.encode(unseen)
    assert today.any()
    np.testing.assert_array_equal(tomorrow, today)
    np.testing.assert_array_equal(restored.encode(known), encoder.encode(known))
    assert found.by_rows_of(found.users, found.items).encoders == {}

    content = array_file.read(path)
    del content["encoders"]
    array_file.write(path, content)
    assert checkpoint.load(path).encoders == {}, "one of before there were any"


def test_entities_are_saved_beside_and_an_older_checkpoint_has_none(tmp_path: Path) -> None:
    path, vectors = tmp_path / "model.safetensors", np.ones((2, 3), dtype=np.float32)
    keys = Vocabulary(["Brand:1", "Brand:2"])
    checkpoint.save(path, replace(some(), entity_vectors=vectors, entities=keys))
    found = checkpoint.load(path)
    assert found.entities == keys
    assert found.entity_vectors is not None
    assert (found.entity_vectors == vectors).all()

    content = array_file.read(path)
    array_file.write(path, content | {"entities": ["Brand:1"]})
    with pytest.raises(CheckpointInvalid, match="do not belong together"):
        checkpoint.load(path)
    names = ("entities", "entities_hash", "entity_vectors")
    array_file.write(path, {key: one for key, one in content.items() if key not in names})
    older = checkpoint.load(path)
    assert older.entity_vectors is None
    assert len(older.entities) == 0
    assert (older.user_vectors == some().user_vectors).all()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointInvalid, match="there is no checkpoint"):
        checkpoint.load(tmp_path / "none.safetensors")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.95])
def test_a_torn_file_is_refused(tmp_path: Path, share: float) -> None:
    path = tmp_path / "model.safetensors"
    checkpoint.save(path, some())
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(CheckpointInvalid, match="cannot be read"):
        checkpoint.load(path)


def _as_before(path: Path, trained: TrainedModel) -> None:
    """Write a model as version 0.1 did: a file of PyTorch's."""

    def tensors(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return torch.from_numpy(value)
        if isinstance(value, dict):
            return {key: tensors(one) for key, one in value.items()}
        return [tensors(one) for one in value] if isinstance(value, list) else value

    new = path.with_suffix(".new")
    checkpoint.save(new, trained)
    torch.save(tensors(array_file.read(new)), path)


@pytest.fixture
def of_before(tmp_path: Path) -> tuple[Path, TrainedModel]:
    edges = sparse.csr_array(np.array([[0, 2, 0], [1, 0, 3], [0, 0, 0]], dtype=np.float32))
    encoders = {"items": {"numbers": {"mean": np.ones(3)}, "model": None}}
    trained = replace(some(), edges=edges, encoders=encoders)
    path = tmp_path / "model.pt"
    _as_before(path, trained)
    return path, trained


def test_a_checkpoint_of_an_older_version_is_read(of_before: tuple[Path, TrainedModel]) -> None:
    path, trained = of_before
    found = checkpoint.load(path)
    assert found.digest() == trained.digest()
    assert (found.settings, found.metrics) == (trained.settings, trained.metrics)
    np.testing.assert_array_equal(found.weights["vectors"], np.ones((2, 2)))
    np.testing.assert_array_equal(found.encoders["items"]["numbers"]["mean"], np.ones(3))
    training_state.write(path, training_state.read(path) | {"items": ["x", "z", "y"]})
    with pytest.raises(CheckpointInvalid, match="do not belong together"):
        checkpoint.load(path)


def test_without_pytorch_an_older_checkpoint_says_what_it_needs(
    of_before: tuple[Path, TrainedModel],
) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\n"
        "from engine.errors import MissingExtra\n"
        "from engine.training import checkpoint\n"
        "print(checkpoint.load(Path(sys.argv[1])).model)\n"
        "try:\n"
        "    checkpoint.load(Path(sys.argv[2]))\n"
        "except MissingExtra as error:\n"
        "    print(error.message, '|', error.hint)\n"
    )
    old, trained = of_before
    new = old.with_suffix(".safetensors")
    checkpoint.save(new, trained)
    run = [sys.executable, "-c", code, str(new), str(old)]
    printed = subprocess.run(run, capture_output=True, text=True, check=True).stdout.splitlines()
    assert printed == [
        "lightgcn",
        "the checkpoint model.pt of an older version needs torch | "
        "pip install 'engine-recsys[train]'",
    ]


def test_vectors_without_their_ids_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    checkpoint.save(path, some())
    content = array_file.read(path)
    array_file.write(path, content | {"users": ["a", "c"]})
    with pytest.raises(CheckpointInvalid, match="do not belong together"):
        checkpoint.load(path)


def test_a_model_by_other_rows_keeps_each_id_with_its_vector() -> None:
    found = some().by_rows_of(Vocabulary(["new", "b", "a"]), Vocabulary(["y", "other"]))
    assert found.user_vectors.tolist() == [[0, 0, 0], [0, 1, 0], [1, 0, 0]]
    assert found.item_vectors.tolist() == [[0, 1, 0], [0, 0, 0]]
    assert (found.users.ids[0], found.items.ids[1]) == ("new", "other")
    assert found.again_weight == some().again_weight


def test_edges_of_a_filter_are_saved_and_follow_their_ids(tmp_path: Path) -> None:
    edges = sparse.csr_array(np.array([[0, 2, 0], [1, 0, 3], [0, 0, 0]], dtype=np.float32))
    trained = replace(some(), edges=edges, popular_half_life_days=7.0)
    path = tmp_path / "model.safetensors"
    checkpoint.save(path, trained)
    found = checkpoint.load(path)
    assert found.edges is not None
    assert (found.edges.toarray() == edges.toarray()).all()
    assert (found.popular_half_life_days, found.digest()) == (7.0, trained.digest())
    heavier = replace(trained, edges=sparse.csr_array(edges * np.float32(2)))
    assert len({one.digest() for one in (some(), trained, heavier)}) == 3
    # x is no more, and w is new.
    other = found.by_rows_of(found.users, Vocabulary(["ζ", "w", "y"])).edges
    assert other is not None
    assert other.toarray().tolist() == [[0, 0, 0], [0, 0, 0], [3, 0, 0]]


def test_edges_that_lead_out_of_the_items_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    edges = sparse.csr_array(np.eye(3, dtype=np.float32))
    checkpoint.save(path, replace(some(), edges=edges))
    content = array_file.read(path)
    starts, ends, weights = content["edges"]
    array_file.write(path, content | {"edges": [starts, ends + 5, weights]})
    with pytest.raises(CheckpointInvalid):
        checkpoint.load(path)

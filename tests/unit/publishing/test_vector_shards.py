"""Folders of Parquet files, read as a model: what is taken, and what is refused with its place."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from engine.errors import FileRefused, PublishRefused
from engine.publishing import vector_shards

_PLAIN = pa.list_(pa.float32(), 2)


def _write(file: Path, ids: list[Any], vectors: list[Any], kind: pa.DataType = _PLAIN) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table({"id": ids, "vector": pa.array(vectors, kind), "more": [1] * len(ids)})
    pyarrow.parquet.write_table(table, file)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _write(tmp_path / "users" / "part-0.parquet", ["ann"], [[1, 2]])
    # As Spark writes it: lists of any length, of longer numbers, a shard without rows, whole ids.
    _write(tmp_path / "users" / "part-1.parquet", [], [], pa.list_(pa.float64()))
    _write(tmp_path / "users" / "part-2.parquet", [7], [[3, 4]], pa.list_(pa.float64()))
    _write(tmp_path / "items" / "part-0.parquet", ["tea", "mug"], [[5, 6], [7, 8]])
    return tmp_path


def test_shards_are_one_model_in_the_order_of_their_files(folder: Path) -> None:
    model = vector_shards.read(folder)
    assert (model.users.ids, model.items.ids) == (("ann", "7"), ("tea", "mug"))
    assert np.array_equal(model.user_vectors, np.array([[1, 2], [3, 4]], np.float32))
    assert model.user_vectors.dtype == model.item_vectors.dtype == np.float32
    assert (model.scoring, model.model, model.entity_vectors) == ("cosine", "vectors", None)

    _write(folder / "entities" / "a.parquet", ["Brand:1"], [[9, 9]])
    (folder / "model.json").write_text(json.dumps({"scoring": "dot", "popularity_weight": 0}))
    model = vector_shards.read(folder)
    assert (model.scoring, model.popularity_weight, model.again_weight) == ("dot", 0, 0.5)
    assert model.entities.ids == ("Brand:1",)
    assert model.entity_vectors is not None


@pytest.mark.parametrize(
    ("ids", "texts"),
    [
        ([4006381333931.0, -0.0], ("4006381333931", "0")),
        ([Decimal("7.00"), Decimal("8.50")], ("7", "8.50")),
        (pa.array(["a", "b"]).dictionary_encode(), ("a", "b")),
        ([b"a", b"b"], ("a", "b")),
    ],
)
def test_an_id_is_what_a_load_makes_of_it(folder: Path, ids: Any, texts: tuple[str, ...]) -> None:
    _write(folder / "items" / "part-0.parquet", ids, [[5, 6], [7, 8]])
    assert vector_shards.read(folder).items.ids == texts


@pytest.mark.parametrize(
    ("ids", "vectors", "kind", "reason"),
    [
        (["a", "a"], [[1, 2], [3, 4]], _PLAIN, "an id stands twice in"),
        (["a", None], [[1, 2], [3, 4]], _PLAIN, "without id or vector"),
        (["a", "b"], [[1, 2], None], _PLAIN, "without id or vector"),
        (["a", "b"], [[1, 2], [3]], pa.list_(pa.float32()), "vectors of 1 and 2 numbers"),
        ([["a"]], [[1, 2]], _PLAIN, "ids of type list"),
        ([b"\xff"], [[1, 2]], _PLAIN, "ids of type binary"),
        (["a"], [1.0], pa.float32(), "lacks the columns id and vector"),
        (["a"], [[1, 2, 3]], pa.list_(pa.float32()), "have 2 and 3 numbers"),
    ],
)
def test_what_is_no_vector_of_each_id_is_refused_with_its_place(
    folder: Path, ids: list[Any], vectors: list[Any], kind: pa.DataType, reason: str
) -> None:
    _write(folder / "items" / "part-1.parquet", ids, vectors, kind)
    with pytest.raises(PublishRefused, match=reason) as refused:
        vector_shards.read(folder)
    assert str(folder / "items") in refused.value.message
    assert refused.value.hint


def test_folders_and_names_mean_what_they_mean_for_a_load(folder: Path) -> None:
    _write(folder / "items" / "shop=1" / "part-0.parquet", ["cup"], [[9, 9]])
    _write(folder / "items" / "._part-0.parquet", ["of an archive"], [[9, 9]])
    (folder / "items" / "_SUCCESS").touch()
    assert vector_shards.read(folder).items.ids == ("tea", "mug", "cup")
    (folder / "items" / "_temporary").mkdir()
    with pytest.raises(FileRefused, match="items is still being written"):
        vector_shards.read(folder)


@pytest.mark.parametrize(
    "told", ["[]", "{", '{"scoring": 1}', f'{{"data_watermark": {2**63}}}', '{"colour": "red"}']
)
def test_a_description_of_something_else_is_refused(folder: Path, told: str) -> None:
    (folder / "model.json").write_text(told)
    with pytest.raises(PublishRefused, match=r"model\.json"):
        vector_shards.read(folder)


def test_a_folder_without_shards_says_what_to_write(folder: Path) -> None:
    (folder / "items" / "part-0.parquet").write_bytes(b"no Parquet")
    with pytest.raises(PublishRefused, match=r"part-0\.parquet cannot be read"):
        vector_shards.read(folder)
    (folder / "items" / "part-0.parquet").unlink()
    with pytest.raises(PublishRefused, match=r"holds no \.parquet file") as refused:
        vector_shards.read(folder)
    assert "items/part-0.parquet" in refused.value.hint

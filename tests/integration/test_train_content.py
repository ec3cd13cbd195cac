"""Vectors and texts of items from files to lists: ingest, pull, train, publish, compare, place."""

import json
from pathlib import Path
from typing import Any

import neo4j
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from engine.data.encoding.text_choice import TextChoice
from engine.data.feature_encoding import Described, FeatureEncoder
from engine.data.vocabulary import Vocabulary
from engine.errors import FileRefused, NotFound, UsageError
from engine.experiments.pulled_data import gather
from engine.graph import content_index
from engine.graph.lists.item_neighbours import alike_in_content
from engine.graph.lists.question import Question
from engine.graph.new_item_vectors import place_new_items
from engine.graph.pulling.pull import pull_attributes
from engine.graph.pulling.pull_vectors import pull_vectors, widths_of
from engine.store.graph_client import GraphClient
from engine.training import checkpoint
from engine.usecases.recommending import similar

from .terminal import engine, invoked, loaded

pytestmark = pytest.mark.usefixtures("graph", "on_server")
_TASTES = 5
_ITEMS = 40
_WORDS = ("green tea leaves", "black coffee beans", "red wine bottle", "white milk jug", "oat bar")


def _pictures(rng: np.random.Generator) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return ``(_ITEMS, 12)``: items of one taste point about the same way."""
    centres = rng.normal(size=(_TASTES, 12))
    rows = centres[np.arange(_ITEMS) % _TASTES] + 0.2 * rng.normal(size=(_ITEMS, 12))
    return rows.astype(np.float32)


def _write_items(path: Path, pictures: np.ndarray[Any, Any], rows: range) -> None:
    texts = [f"Café number {n}: {_WORDS[n % _TASTES]} of the house" for n in rows]
    columns = {
        "item_id": pa.array([f"i{n}" for n in rows]),
        "name": pa.array([f"{n % _TASTES} {n}" for n in rows]),
        "picture": pa.array(pictures[list(rows)].tolist(), pa.list_(pa.float32())),
        "description": pa.array(texts),
    }
    pyarrow.parquet.write_table(pa.table(columns), path)


def _write_events(path: Path, rng: np.random.Generator) -> None:
    lines = ["user_id,item_id,timestamp"]
    for moment in range(900):
        user = int(rng.integers(40))
        item = _TASTES * int(rng.integers(7)) + user % _TASTES
        lines.append(f"u{user},i{item},{1_700_000_000 + 600 * moment}")
    path.write_text("\n".join(lines), encoding="utf-8")


def test_from_files_to_lists(
    tmp_path: Path, graph: GraphClient, rng: np.random.Generator, bare_driver: neo4j.Driver
) -> None:
    events, items = tmp_path / "events.csv", tmp_path / "items.parquet"
    pictures = _pictures(rng)
    _write_events(events, rng)
    # The last five items arrive after the training.
    _write_items(items, pictures, range(35))
    engine("ingest", str(events), "--items", str(items))
    with bare_driver.session() as session:
        kind = "MATCH (i:Item {id: 'i3'}) RETURN valueType(i.picture) AS kind, i.picture AS vector"
        stored = session.run(kind).single(strict=True)
    assert stored["kind"].startswith("LIST<FLOAT")
    assert stored["vector"] == pictures[3].astype(float).tolist(), "as float32, to the last bit"

    ids = Vocabulary([f"i{n}" for n in range(35)])
    (name, pulled), *others = pull_vectors(graph, "Item", ids).items()
    assert (name, others, pulled.dtype) == ("picture", [], np.float32)
    np.testing.assert_array_equal(pulled, pictures[:35])
    assert set(pull_attributes(graph, "Item")["i3"]) == {"description"}, "vectors are no words"

    given = ["epochs=3", "batch_size=256", "hard_from=3", "hard_to=10", "neighbours=5"]
    settings = [word for one in given for word in ("--set", one)]
    material = gather(graph, ("features",), TextChoice("auto"))
    told = json.loads(
        engine("train", "--model", "pinsage", *settings, "--seed", "1", "--no-ranker", "--json")
    )
    engine("publish")
    alike = similar(graph_settings := _settings(), "i3", Question(k=6), by="content")
    unit = pictures[:35] / np.linalg.norm(pictures[:35], axis=1, keepdims=True)
    cosines = unit @ unit[3]
    expected = [n for n in np.argsort(-cosines).tolist() if n != 3][:6]
    assert [one.id for one in alike.items] == [f"i{n}" for n in expected]
    assert [one.score for one in alike.items] == pytest.approx(cosines[expected], abs=1e-5)

    # An item that arrives later is placed by its picture, and encoded as those of then.
    late = tmp_path / "late.parquet"
    _write_items(late, pictures, range(35, _ITEMS))
    engine("ingest", "--items", str(late))
    near = similar(graph_settings, "i38", Question(k=5), by="embedding")
    assert near.basis.served == "embedding"
    assert sum(one.name.startswith("3 ") for one in near.items if one.name) >= 3
    _same_place_by_an_index(graph, bare_driver)
    trained = checkpoint.load(Path(told["checkpoint"]))
    encoder = FeatureEncoder.restored(trained.encoders["items"])
    assert encoder.text_names == ("description",)
    described = Described(
        [pull_attributes(graph, "Item")["i3"]], [[]], {"picture": pictures[3:4].copy()}
    )
    assert material.features is not None
    assert material.features.items is not None
    row = material.events.items.index_of("i3")
    np.testing.assert_allclose(
        encoder.encode(described)[0], material.features.items[row], atol=1e-6
    )


def _same_place_by_an_index(graph: GraphClient, bare_driver: neo4j.Driver) -> None:
    """An index of pictures names the learned items that comparing all of them finds."""
    new = [f"i{n}" for n in range(35, _ITEMS)]
    kept = "MATCH (i:Item) WHERE i.id IN $ids RETURN i.id AS id, i.embedding_g1 AS vector"
    with bare_driver.session() as session:
        scanned = {row["id"]: row["vector"] for row in session.run(kept, ids=new)}
        engine("graph", "build", "content")
        session.run("MATCH (i:Item) WHERE i.id IN $ids REMOVE i.embedding_g1", ids=new).consume()
        assert place_new_items(graph, new) == len(new)
        placed = {row["id"]: row["vector"] for row in session.run(kept, ids=new)}
    for id_, vector in scanned.items():
        assert placed[id_] == pytest.approx(vector, abs=1e-6)
    asked = {
        "ids": new,
        "brought": "picture",
        "property": "embedding_g1",
        "generation": 1,
        "most": 10,
    }
    index = content_index.index_name("picture")
    idents = {"index": index} if graph.server.cypher25 else None
    found = graph.read("place/by_index", idents, **asked, index_name=index, fetch=50)
    whole = graph.read("place/by_vectors", **asked, width=12, stride=1)
    assert [row["id"] for row in found] == new
    for one, other in zip(found, sorted(whole, key=lambda row: new.index(row["id"])), strict=True):
        assert one["id"] == other["id"]
        assert one["vectors"] == other["vectors"]
        assert one["cosines"] == pytest.approx(other["cosines"], abs=1e-5)


def _settings() -> Any:
    from engine.config import Settings

    return Settings()


def test_bad_vectors_are_quarantined_with_what_to_do(tmp_path: Path) -> None:
    rows = [
        '{"id": "a", "v": [0.5, 1.5, 2.5]}',
        '{"id": "b", "v": [1.5, 0.5, 0.25]}',
        '{"id": "c", "v": [1.5, 0.5]}',
        '{"id": "d", "v": [1.5, 0.5, 1e60]}',
        '{"id": "e", "v": "red"}',
        '{"id": "f", "v": [1.5, null, 0.5]}',
        '{"id": "g", "v": []}',
        '{"id": "h", "v": [0.25, 0.5, 1]}',
    ]
    path = tmp_path / "items.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    (report,) = json.loads(loaded("--items", str(path)).stdout)
    assert report["accepted"] == 4
    assert report["reasons"] == {"vector-length": 1, "vector-number": 2, "vector-type": 1}
    assert report["examples"]["vector-length"] == (
        "v '[1.5, 0.5] of 2 numbers': a vector has another length than most of its column; "
        "give as many numbers in every row, or leave the cell empty"
    )
    # What was quarantined is mended and loaded again.
    quarantined = Path(report["quarantine_file"])
    mended = tmp_path / "mended.jsonl"
    lines = quarantined.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0])["v"] == ["1.5", "0.5"]
    mended.write_text('{"id": "c", "v": [1.5, 0.5, 0.125]}', encoding="utf-8")
    assert json.loads(loaded("--items", str(mended)).stdout)[0]["accepted"] == 1
    assert json.loads(loaded("--items", str(path)).stdout)[0]["accepted"] == 0, "all known"


def test_another_length_or_a_text_in_a_later_file_is_refused(
    tmp_path: Path, graph: GraphClient
) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text('{"id": "a", "v": [0.5, 1.5]}', encoding="utf-8")
    engine("ingest", "--items", str(path))
    path.write_text('{"id": "a", "v": [0.5, 1.5, 2.5]}', encoding="utf-8")
    with pytest.raises(FileRefused, match="3 numbers, and of 2 in the graph") as refused:
        invoked("ingest", "--items", str(path))
    assert refused.value.hint == "give the new ones a name of their own: --map v_2=v"
    text = tmp_path / "items.csv"
    for cell, code in (("hello", "vector-type"), ('"[0.5, NaN]"', "vector-number")):
        text.write_text(f"id,v,name\nnew,,New\na,{cell},A\n", encoding="utf-8")
        with pytest.raises(
            FileRefused, match=r"v of a is .*, and a vector of 2 numbers"
        ) as refused:
            invoked("ingest", "--items", str(text))
        assert refused.value.code == code
    assert graph.read("pull/attributes", {"label": "Item"}, without=["id"]) == [
        {"id": "a", "attributes": []}
    ], "nothing of a refused file is written"
    engine("ingest", "--items", str(path), "--map", "v_2=v")
    path.write_text('{"id": "b", "v": ["0.25", "1"]}', encoding="utf-8")
    engine("ingest", "--items", str(path))  # as quarantine files quote numbers
    found = pull_vectors(graph, "Item", Vocabulary(["a", "b", "none"]))
    assert {name: rows.tolist() for name, rows in found.items()} == {
        "v": [[0.5, 1.5], [0.25, 1], [0, 0]],
        "v_2": [[0.5, 1.5, 2.5], [0, 0, 0], [0, 0, 0]],
    }


def test_items_without_vectors_say_so(tmp_path: Path, graph: GraphClient) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text(
        '{"id": "a"}\n{"id": "b", "v": [0.0, 0.0, 0.5]}\n{"id": "c", "v": [0.0, 0.0, 0.0]}'
    )
    engine("ingest", "--items", str(path))
    with pytest.raises(NotFound, match="nothing goes with a by content: it has no vector"):
        similar(_settings(), "a", Question(), by="content")
    with pytest.raises(NotFound, match="there is no item zzz"):
        similar(_settings(), "zzz", Question(), by="content")
    assert similar(_settings(), "b", Question(), by="content").items == ()


def test_a_text_that_is_not_there_is_refused(tmp_path: Path, graph: GraphClient) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text('{"id": "a", "kind": "x"}\n{"id": "b", "kind": "x"}')
    engine("ingest", "--items", str(path))
    with pytest.raises(UsageError, match="no user and no item has an attribute title"):
        gather(graph, ("features",), TextChoice("title"))


def test_what_is_unlike_the_vectors_of_the_others_is_none(
    graph: GraphClient, bare_driver: neo4j.Driver
) -> None:
    """However it came there, no read of the graph breaks on it."""
    with bare_driver.session() as session:
        session.run(
            "CREATE (:Item {id: 'a', v: [0.5, 1.5], w: 'x'}), (:Item {id: 'b', v: [0.5]}), "
            "(:Item {id: 'c', v: [2.5, 3.5], w: 'y'}), (:Item {id: 'd', v: 'no', w: [0.5, 1.5]}), "
            "(:Item {id: 'e', v: true}), (:Item {id: 'f', v: [4.5, 5.5]})"
        )
    found = pull_vectors(graph, "Item", Vocabulary(list("abcdef")))
    assert {name: rows.tolist() for name, rows in found.items()} == {
        "v": [[0.5, 1.5], [0, 0], [2.5, 3.5], [0, 0], [0, 0], [4.5, 5.5]]
    }
    assert widths_of(graph, "Item", ["v", "w", "none"]) == {"v": 2}
    for item, others in (("a", "cf"), ("c", "fa")):
        assert [one.id for one in alike_in_content(graph, item, Question()).items] == list(others)

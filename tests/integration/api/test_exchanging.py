"""A graph goes to a folder and comes back as the same graph; nothing else gets in."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import neo4j
import polars as pl
import pytest

import engine
from engine.connections.session import open_graph, open_registry
from engine.errors import FileRefused, UsageError
from engine.publishing.plain_generation import publish_plain
from engine.store.graph_client import Neo4jTarget
from engine.usecases.exchanging import Manifest

from ..sample import clear
from ..terminal import invoked
from .conftest import DAY, NEWEST, connected, shop

Run = Callable[..., list[dict[str, Any]]]
PEOPLE = ["alice", *(f"u{n:02}" for n in range(79))]


@pytest.fixture(scope="module")
def house(e: engine.Engine) -> engine.Engine:
    """The shop with some of everything that a graph can hold."""
    named = shop().head(40).with_columns(event_id=pl.arange(40, eager=True).cast(pl.String))
    e.ingest(named.with_columns(timestamp=pl.col("timestamp") - DAY, event=pl.lit("view")))
    e.ingest(pl.DataFrame({"user_id": ["u01"], "item_id": ["honey"], "weight": [0.1]}))
    vectors = [[0.5, -1.0], [1 / 3, 2.0]]
    odd = {"item_id": ["mug", "honey"], "tags": [["a", "b"], ["c"]], "vision": vectors}
    e.ingest(items=pl.DataFrame(odd | {"hidden": [True, None], "expires_at": [None, "2030-01-01"]}))
    e.ingest(items=pl.DataFrame({"item_id": ["lemons"], "tags": ["a text"]}))
    e.ingest(users=pl.DataFrame({"user_id": ["u01", "new"], "city": ["Oslo", '"a", b']}))
    facts = {"head": ["mug", "alice"], "head_type": ["Item", "User"], "tail": ["kiln:7", "u01"]}
    e.ingest(
        facts=pl.DataFrame(
            facts | {"tail_type": ["Maker", "User"], "relation": ["MADE_BY", "KNOWS"]}
        )
    )
    e.build_graph("sequential")
    e.set_list("home", k=3)
    e.remove_list("home")
    e.set_list("home", k=4)
    with open_registry(e.settings) as registry, open_graph(e.settings) as graph:
        publish_plain(graph, registry, "user-knn")
    return e


@pytest.fixture(scope="module")
def folder(house: engine.Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop, exported."""
    out = tmp_path_factory.mktemp("exported") / "backup"
    house.export(out)
    return out


@pytest.fixture(scope="module")
def before(house: engine.Engine, folder: Path) -> dict[str, Any]:
    """What the shop answers."""
    assert folder.is_dir()
    return answers(house)


def answers(e: engine.Engine) -> dict[str, Any]:
    """Return a list of everybody, what goes with an item, who serves, and what is named."""
    return {
        "lists": [e.recommend(user, k=5).to_polars().to_dicts() for user in PEOPLE],
        "again": [e.recommend(user, k=5, by="people").to_polars().to_dicts() for user in PEOPLE[:9]],
        "together": e.similar("mug", by="bought-together").to_polars().to_dicts(),
        "named": [(one.name, one.options) for one in e.named_lists()],
        "serving": [(one["number"], one["serving"]) for one in e.generations()],
    }


@pytest.fixture
def empty(
    folder: Path, neo4j_target: Neo4jTarget, bare_driver: neo4j.Driver, tmp_path: Path
) -> Iterator[engine.Engine]:
    """An engine on an empty graph, with a home of its own."""
    assert folder.is_dir()
    clear(bare_driver)
    with connected(neo4j_target, tmp_path / "home") as here:
        yield here


def _contents(manifest: Manifest) -> dict[str, str]:
    return {one.name: one.sha256 for one in manifest.files if not one.name.startswith("registry")}


def test_an_import_makes_the_same_graph_once(
    before: dict[str, Any], folder: Path, empty: engine.Engine, tmp_path: Path
) -> None:
    first = empty.import_folder(folder)
    assert first.generations == (1, 2)
    assert sum(one.quarantined for one in first.files) == 0
    again = empty.export(tmp_path / "again")
    assert _contents(again) == _contents(_manifest(folder))
    assert answers(empty) == before

    second = empty.import_folder(folder)
    assert sum(one.accepted for one in second.files) == 0
    assert (second.generations, second.graphs) == ((), ())
    assert (second.list_changes, second.registry_rows) == (0, 0)
    assert answers(empty) == before
    # The events of a folder are events as any: they are known.
    (report,) = empty.ingest(folder / "events")
    assert (report.accepted, report.duplicate) == (0, report.read)


def _manifest(folder: Path) -> Manifest:
    from engine.exchange import manifest
    from engine.exchange.folders import LocalFolder

    return manifest.read(LocalFolder(folder))

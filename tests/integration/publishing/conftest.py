"""A small catalogue with two tastes, and a model of it, for the tests of publish and recommend."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import neo4j
import pytest

from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.publishing import generations
from engine.publishing.plain_generation import publish_plain
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.training import checkpoint
from engine.training.checkpoint import TrainedModel
from engine.usecases.modelling import Published, publish

from ..restoring import Content
from ..sample import NEWEST, buy, untrained

N_USERS = 30


@dataclass(frozen=True)
class Shop:
    """Settings to publish with, the model, and what publishing said it was doing."""

    settings: Settings
    trained: TrainedModel
    folder: Path
    newest: int = NEWEST
    stages: list[str] = field(default_factory=list)

    def publish(self, **changes: object) -> Published:
        """Publish the model, some of its values changed."""
        path = self.folder / "model.pt"
        checkpoint.save(path, replace(self.trained, **changes))  # type: ignore[arg-type]
        return publish(self.settings, path=path, report=self._report)

    def _report(self, stage: str, _done: int, _all: int) -> None:
        self.stages.append(stage)

    def publish_plain(self, name: str) -> int:
        """Publish a plain method, ready to be promoted, and return its generation."""
        with (
            generations.one_at_a_time(self.settings),
            open_registry(self.settings) as registry,
            open_graph(self.settings) as graph,
        ):
            return publish_plain(graph, registry, name, self.settings.event_weights)


def _open_shop(target: Neo4jTarget, driver: neo4j.Driver, folder: Path, n_items: int) -> Shop:
    """Create items i0.., one percent of them rare, and users with events on the first ones."""
    with driver.session() as session:
        session.run(
            "UNWIND range(0, $n - 1) AS n CREATE (:Item {id: 'i' + toString(n), "
            "title: 'Item ' + toString(n), "
            "kind: CASE n % 100 WHEN 7 THEN 'rare' ELSE 'common' END})",
            n=n_items,
        ).consume()
    buy(driver, N_USERS)
    settings = Settings(
        home=folder / "home",
        neo4j_uri=target.uri,
        neo4j_user=target.user,
        neo4j_password=target.password,
    )
    return Shop(settings, untrained(N_USERS, n_items), folder)


@pytest.fixture
def open_shop(
    graph: GraphClient, neo4j_target: Neo4jTarget, bare_driver: neo4j.Driver, tmp_path: Path
) -> Callable[[int], Shop]:
    """Fill the graph with a catalogue of so many items and return its shop."""
    assert graph.server.version
    return lambda n_items: _open_shop(neo4j_target, bare_driver, tmp_path, n_items)


@pytest.fixture(scope="module")
def open_shop_of_file(
    graph_of_file: GraphClient,
    neo4j_target: Neo4jTarget,
    bare_driver: neo4j.Driver,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[int], Shop]:
    """The same for all tests of a file; see ``graph_of_file``."""
    assert graph_of_file.server.version
    folder = tmp_path_factory.mktemp("shop")
    return lambda n_items: _open_shop(neo4j_target, bare_driver, folder, n_items)


@pytest.fixture
def restored_shop(shop_of_file: Shop, bare_driver: neo4j.Driver, tmp_path: Path) -> Iterator[Shop]:
    """The file's published shop as it was made, whatever the tests before did to it.

    Its file defines ``shop_of_file``. The home with the registry is a copy.
    """
    copied = tmp_path / "shop"
    shutil.copytree(shop_of_file.folder, copied)
    settings = shop_of_file.settings.model_copy(update={"home": copied / "home"})
    with bare_driver.session() as session:
        before = Content.of(session)
        yield replace(shop_of_file, settings=settings, folder=copied)
        before.restore(session)

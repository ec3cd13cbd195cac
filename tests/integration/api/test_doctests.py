"""The examples in the library's docstrings are run on the tea shop."""

import doctest
import importlib
import pkgutil

import pytest

import engine
import engine.api
from engine.store.graph_client import Neo4jTarget

from .conftest import shop

MODULES = [
    "engine.api",
    *(f"engine.api.{one.name}" for one in pkgutil.iter_modules(engine.api.__path__)),
]


def _examples() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder()
    found = [one for name in MODULES for one in finder.find(importlib.import_module(name))]
    return [one for one in found if one.examples]


@pytest.mark.parametrize("example", _examples(), ids=lambda one: one.name)
def test_an_example_does_what_it_says(
    example: doctest.DocTest,
    e: engine.Engine,
    neo4j_target: Neo4jTarget,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ENGINE_NEO4J_URI", neo4j_target.uri)
    monkeypatch.setenv("ENGINE_NEO4J_USER", neo4j_target.user)
    monkeypatch.setenv("ENGINE_NEO4J_PASSWORD", neo4j_target.password)
    monkeypatch.setenv("ENGINE_HOME", str(e.settings.home))
    example.globs.update(engine=engine, e=e, events_df=shop())
    failed = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example)
    assert not failed.failed, capsys.readouterr().out


def test_there_are_examples_of_every_main_call() -> None:
    shown = {one.name.rpartition(".")[2] for one in _examples()}
    assert shown >= {"ingest", "train", "compare", "recommend", "similar", "explain", "sample"}

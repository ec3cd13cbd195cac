"""One name, one thing: of classes, of aliases, of files."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from .syntax_trees import syntax_tree

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "engine").rglob("*.py"))

# A command, the use case it calls and the module of a room that does the work share the name of
# the command: whoever knows `engine compare` finds all of it by one word.
COMMANDS = {
    "check",
    "compare",
    "evaluate",
    "forget",
    "ingest",
    "keys",
    "outcomes",
    "publish",
    "retrain",
    "status",
    "tidy",
    "train",
    "tune",
}
# Other names that stand in two rooms, each with its reason.
TWINS = {
    "catalogue": "the use cases, and the routes",
    "batches": "what a step of training draws, and the command that lists what loads wrote",
    "config": "the settings, and the command that shows them",
    "demonstration": "the use case, and the library's call of it",
    "exchanging": "the use cases, and the library's calls of them",
    "experimenting": "the use cases, and the library's calls of them",
    "export": "every user's list as a file, and the command that copies the graph",
    "forgetting": "the use cases, and the library's calls of them",
    "undoing": "the use cases, and the library's calls of them",
    "events": "what an event is, and the route that takes events",
    "generations": "the operations, the command, the calls and the routes, which are one resource",
    "graph_methods": "the use cases, and the library's calls of them",
    "lists": "the routes that answer with lists, and the command that names some",
    "list_options": "what a list can be asked, and the flags that say it",
    "read_options": "how a file is read, and the flags that say it",
    "upkeep": "the use cases, and the library's calls of them",
}
FACES = ("engine/api/", "engine/cli/", "engine/serving/", "engine/usecases/")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _by_stem() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in SOURCES:
        if path.stem != "__init__":
            found[path.stem].append(_name(path))
    return {stem: paths for stem, paths in found.items() if len(paths) > 1}


def _types(body: list[ast.stmt]) -> Iterator[str]:
    """Yield the classes and the aliases of types: capitalised names that a module binds."""
    for node in body:
        match node:
            case ast.ClassDef():
                yield node.name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if name[0].isupper() and not name.isupper():
                    yield name
            case ast.If() | ast.Try():
                yield from {*_types(node.body), *_types(node.orelse)}


def test_no_type_name_has_two_meanings() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in SOURCES:
        for name in _types(syntax_tree(path).body):
            places[name].append(_name(path))
    twice = {name: paths for name, paths in places.items() if len(paths) > 1}
    assert not twice


def test_no_file_name_stands_in_two_rooms_without_a_reason() -> None:
    assert set(_by_stem()) <= COMMANDS | set(TWINS)


@pytest.mark.parametrize("stem", sorted(COMMANDS | set(TWINS)))
def test_a_shared_file_name_is_shared_with_a_face_only(stem: str) -> None:
    below = [path for path in _by_stem()[stem] if not path.startswith(FACES)]
    assert len(below) <= 1, "two rooms below the faces have a file of this name"


@pytest.mark.parametrize("stem", sorted(COMMANDS))
def test_a_shared_name_of_a_command_is_that_of_a_command(stem: str) -> None:
    assert f"engine/cli/{stem}.py" in _by_stem()[stem]

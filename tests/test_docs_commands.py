"""Commands in README.md and docs/: each exists, and so does every option with its value.

They are parsed as the shell and click would; tests/integration/test_docs_run.py runs them.
"""

import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import pytest

from engine.answering import named_query
from engine.cli import cli
from engine.experiments.training_request import TrainingRequest

from . import documented

_INLINE = re.compile(r"`(engine [^`]+)`")


def commands(page: Path) -> Iterator[str]:
    """Yield the ``engine`` commands of a page's shell blocks, one by one."""
    for block in documented.blocks(page):
        if block.language == "bash":
            for line in documented.shell_lines(block.text):
                yield from map(shlex.join, documented.engine_commands(line))


def _resolve(arguments: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that the first words name, and the words after them."""
    found: click.Command = cli
    rest = list(arguments)
    while rest and isinstance(found, click.Group) and not rest[0].startswith("-"):
        name = rest.pop(0)
        inner = found.get_command(click.Context(found), name)
        assert inner is not None, f"there is no command {name}"
        found = inner
    return found, rest


def _pairs(given: Iterable[str]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in given)


_SHELL = [(page.name, line) for page in documented.PAGES for line in commands(page)]
_PROSE = [
    (page.name, text)
    for page in documented.PAGES
    for text in _INLINE.findall(page.read_text(encoding="utf-8"))
]


def test_the_pages_have_commands() -> None:
    assert len(_SHELL) > 50
    assert len(_PROSE) > 50
    assert all(Path(page).suffix == ".md" for page, _ in _SHELL)


@pytest.mark.parametrize(("page", "line"), _SHELL, ids=lambda value: str(value)[:60])
def test_a_shell_command_parses(page: str, line: str, tmp_path: Path) -> None:
    # A folder that has to exist does: where it lies is the reader's.
    (tmp_path / "exports").mkdir()
    words = [
        str(tmp_path / "exports") if word == "/srv/exports" else word for word in shlex.split(line)
    ]
    command, rest = _resolve(words)
    context = command.make_context(command.name, rest, parent=click.Context(cli))
    given = context.params
    if line.startswith("query run"):
        named_query.check(str(given["name"]), _pairs(given["given"]))
    if line.startswith("train"):
        TrainingRequest(str(given["model"]), _pairs(given["pairs"])).configs()


@pytest.mark.parametrize(("page", "text"), _PROSE, ids=lambda value: str(value)[:60])
def test_a_command_in_the_text_exists_with_its_options(page: str, text: str) -> None:
    words = re.split(r"\s(?:\||…)|…", text)[0].split()[1:]
    command, rest = _resolve(words)
    known = {flag for one in command.params for flag in (*one.opts, *one.secondary_opts)}
    known |= {"--help"}
    assert {word for word in rest if word.startswith("-")} <= known, page

"""Every Cypher file keeps what its header promises."""

import re

import pytest

from engine.resources import cypher_dir
from engine.store.statements import METHODS, Statement, catalogue

_WRITES = re.compile(r"\b(CREATE|MERGE|DELETE|SET|REMOVE|DROP)\b")
_PARAM = re.compile(r"(?<!`)\$(\w+)")
_SLOT = re.compile(r"`\$([a-z_]+)`")

STATEMENTS = sorted(catalogue().values(), key=lambda one: one.name)
every = pytest.mark.parametrize("one", STATEMENTS, ids=lambda one: one.name)


def _code(one: Statement) -> str:
    lines = (line.split("//")[0] for line in one.text.splitlines())
    return "\n".join(lines)


def test_the_catalogue_is_not_empty() -> None:
    assert len(STATEMENTS) > 10


@every
def test_params_in_the_text_are_those_of_the_header(one: Statement) -> None:
    assert set(_PARAM.findall(_code(one))) == set(one.params)


@every
def test_slots_in_the_text_are_those_of_the_header(one: Statement) -> None:
    assert set(_SLOT.findall(_code(one))) == set(one.idents)


@every
def test_a_file_holds_one_statement(one: Statement) -> None:
    assert ";" not in re.sub(r"'[^']*'", "''", _code(one)).strip().rstrip(";")


@every
def test_a_read_file_writes_nothing(one: Statement) -> None:
    if one.mode == "read":
        assert not _WRITES.search(re.sub(r"'[^']*'", "''", _code(one)))


@every
def test_a_statement_is_used_by_one_python_module_or_is_a_method_for_people(one: Statement) -> None:
    name = one.name.split("__cypher")[0]
    package = cypher_dir().parent / "engine"
    users = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if f'"{name}"' in path.read_text(encoding="utf-8")
    ]
    assert len(users) == 1 or (not users and one.folder in METHODS), f"{name} is used by {users}"

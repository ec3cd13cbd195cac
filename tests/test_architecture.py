"""The house rules a reader relies on."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "engine").rglob("*.py"))
_CYPHER = re.compile(r"\b(MATCH\s*\(|MERGE\s*\(|UNWIND\s+\$|DETACH DELETE|CREATE \()")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_files_are_short_and_hold_no_cypher(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert not _CYPHER.search(text), "queries live in cypher/"
    assert path.stem not in {"utils", "helpers", "common", "misc", "base"}


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_functions_fit_on_a_screen(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            body = (node.end_lineno or node.lineno) - node.lineno + 1
            docstring = ast.get_docstring(node) or ""
            assert body - len(docstring.splitlines()) <= 50, f"{node.name} has {body} lines"


def test_every_weight_file_is_loaded_without_pickle() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load":
                given = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert given.get("weights_only") == "True", path


def test_numbers_enter_torch_and_leave_it_in_one_place() -> None:
    # Elsewhere they would stay on the CPU when a model is trained on another device.
    crossing = re.compile(r"torch\.(?:from_numpy|tensor|as_tensor)\(|\.new_tensor\(|\.numpy\(\)")
    kept = {"engine/models/tensors.py", "engine/training/checkpoint.py"}
    found = {
        _name(path)
        for path in SOURCES
        if _name(path).startswith(("engine/models/", "engine/training/"))
        and crossing.search(path.read_text(encoding="utf-8"))
    }
    assert found == kept


def test_no_test_replaces_a_part_of_the_engine() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"""(?:patch|setattr)\(\s*["']engine\.""", text), path


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["ingest", "--help"],
        ["recommend", "--help"],
        ["compare", "--help"],
        ["evaluate", "--help"],
        ["tune", "--help"],
        ["serve", "--help"],
    ],
)
def test_help_is_instant(arguments: list[str]) -> None:
    code = (
        "import sys; from engine.cli import cli\n"
        f"cli.main({arguments!r}, standalone_mode=False)\n"
        "heavy = {'torch', 'polars', 'pyarrow', 'sqlalchemy', 'neo4j', 'optuna', 'matplotlib'}\n"
        "heavy = (heavy | {'fastapi', 'uvicorn'}) & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert "Example" in done.stdout


def test_the_arrows_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout

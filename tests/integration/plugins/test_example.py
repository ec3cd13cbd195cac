"""The example plug-in, installed as packages are, is everywhere; a broken one hurts nobody."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.store.graph_client import Neo4jTarget

from ..api.conftest import items, shop

Done = subprocess.CompletedProcess[str]
ROOT = Path(__file__).parents[3]
BROKEN = """
[project.entry-points."engine.models"]
gone = "no_such_module:MODEL"
wrong = "engine_broken:NOT_A_MODEL"
lightgcn = "engine_example.model:PURE_SVD"

[project.entry-points."engine.lists"]
torn = "engine_broken:TORN"
odd = "engine_broken:NOT_A_MODEL"
"""


def _installed(into: Path, package: Path) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--target", str(into), str(package)),
        ],
        check=True,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages with the example in it."""
    folder = tmp_path_factory.mktemp("site")
    _installed(folder, ROOT / "examples" / "plugin")
    return folder


@pytest.fixture(scope="module")
def broken_site(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another one with a package that breaks in four ways."""
    package = tmp_path_factory.mktemp("broken")
    text = (ROOT / "examples" / "plugin" / "pyproject.toml").read_text(encoding="utf-8")
    head = text.partition("[project.entry-points")[0].replace("engine-example", "engine-broken")
    build = '\n[tool.hatch.build.targets.wheel]\npackages = ["engine_broken"]\n'
    (package / "pyproject.toml").write_text(head + BROKEN + build, encoding="utf-8")
    inside = package / "engine_broken"
    inside.mkdir()
    (inside / "torn.cypher").write_text("MATCH (n) RETURN n\n", encoding="utf-8")
    (inside / "__init__.py").write_text(
        "from pathlib import Path\n"
        "from engine.store.plugin_lists import ListQuery\n"
        "NOT_A_MODEL = 7\n"
        "TORN = ListQuery(Path(__file__).with_name('torn.cypher'), 'Torn')\n",
        encoding="utf-8",
    )
    folder = tmp_path_factory.mktemp("broken-site")
    _installed(folder, package)
    return folder


def _command(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "engine", "--home", str(home), *arguments]


def _environment(*sites: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (*sites, ROOT)))}


def _run(site: Path, home: Path, *arguments: str, more: Path | None = None) -> Done:
    return subprocess.run(
        _command(home, *arguments),
        capture_output=True,
        text=True,
        check=False,
        env=_environment(site, *(() if more is None else (more,))),
    )


def test_its_own_tests_hold_it_to_the_checks_of_the_engine_s_models(site: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"),
            str(ROOT / "examples" / "plugin" / "test_engine_example.py"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(site), str(ROOT)]), "PYTEST_ADDOPTS": ""},
    )
    assert done.returncode == 0, done.stdout


def _json(done: Done) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_plug_in_shows_up_in_every_command(
    site: Path, on_server: Neo4jTarget, graph: object, tmp_path: Path
) -> None:
    assert graph
    assert on_server.uri
    home = tmp_path / "home"
    events, catalogue = tmp_path / "events.feather", tmp_path / "items.feather"
    shop().write_ipc(events)
    items().write_ipc(catalogue)

    def engine(*arguments: str) -> Done:
        return _run(site, home, *arguments)

    models = {row["name"]: row for row in _json(engine("models", "--json"))}
    assert models["pure-svd"]["paper"] == "Cremonesi et al. 2010"
    loaded = _json(engine("ingest", str(events), "--items", str(catalogue), "--json"))
    assert {one["accepted"] for one in loaded} == {len(shop()), len(items())}
    trained = engine("train", "--model", "pure-svd", "--set", "factors=8", "--no-ranker", "--json")
    assert "seen.blend.ndcg@20" in _json(trained)["metrics"]
    assert _json(engine("publish", "--json"))["model"] == "pure-svd"
    for_you = _json(engine("recommend", "alice", "--json"))
    assert for_you["basis"]["served"] == "embedding"

    listed = _json(engine("recommend", "alice", "--by", "overlooked", "-k", "3", "--json"))
    assert listed["basis"] == {"asked": "overlooked", "served": "overlooked"}
    ids = [item["id"] for item in listed["items"]]
    counted = shop().group_by("item_id").len().sort("len", "item_id")["item_id"].to_list()
    assert ids == [one for one in counted if one not in ("green-tea", "mug")][:3]
    nobody = _json(engine("recommend", "--by", "overlooked", "--block", ids[0], "--json"))
    assert ids[0] not in [item["id"] for item in nobody["items"]]
    ordered = _json(engine("recommend", "alice", "--rerank", "by-name", "-k", "4", "--json"))
    names = [item["name"] for item in ordered["items"]]
    assert names == sorted(names)
    assert len(names) == 4
    unknown = engine("recommend", "nobody-of-this-name", "--by", "overlooked")
    assert unknown.returncode == 8, unknown.stderr

    compared = engine(
        *("compare", "--models", "pure-svd,lightgcn", "--data", str(events), "--json"),
        *("--set", "lightgcn.loss=hinge", "--set", "lightgcn.epochs=2", "--no-report"),
    )
    assert {"pure-svd", "lightgcn"} <= {row["name"] for row in _json(compared)["rows"]}
    assert "overlooked" in engine("recommend", "--help").stdout
    assert "feather" in engine("ingest", "--help").stdout


def test_a_broken_plug_in_is_named_and_left_out(
    site: Path, broken_site: Path, tmp_path: Path
) -> None:
    done = _run(site, tmp_path / "home", "models", "--json", more=broken_site)
    names = [row["name"] for row in _json(done)]
    assert "pure-svd" in names
    assert not {"gone", "wrong"} & set(names)
    assert names.count("lightgcn") == 1
    assert "plug-in gone of engine-broken 0.1.0 is left out: ModuleNotFoundError" in done.stderr
    assert "plug-in lightgcn of engine-broken 0.1.0 is left out: the engine has" in done.stderr
    assert "plug-in wrong of engine-broken 0.1.0 is left out: int is nothing for" in done.stderr
    assert done.stderr.count("plug-in lightgcn") == 1
    refused = _run(site, tmp_path / "home", "recommend", "alice", "--by", "odd", more=broken_site)
    assert refused.returncode == 2
    assert "by must be one of" in refused.stderr
    queries = _run(site, tmp_path / "home", "query", "list", "--all", "--json", more=broken_site)
    listed = {row["name"] for row in _json(queries)}
    assert "plugin/overlooked" in listed
    assert "plugin/torn" not in listed
    assert "the list torn of a plug-in is left out" in queries.stderr


def test_the_service_offers_the_lists_that_work(
    site: Path, broken_site: Path, on_server: Neo4jTarget, graph: object, tmp_path: Path
) -> None:
    """What it names is what the page's menu has."""
    assert graph
    assert on_server.uri
    with (
        subprocess.Popen(
            _command(tmp_path / "home", "serve", "--port", "0"),
            stderr=subprocess.PIPE,
            text=True,
            env=_environment(site, broken_site),
        ) as process,
        contextlib.ExitStack() as last,
    ):
        last.callback(process.terminate)
        assert process.stderr is not None
        url = next(line for line in process.stderr if line.startswith("Serving at")).split()[-1]
        offered = httpx.get(f"{url}/v1/lists", timeout=60).json()["lists"]
    by_name = {one["name"]: one for one in offered}
    assert by_name["overlooked"] == {
        "name": "overlooked", "title": "Items that few have had", "needs": []
    }  # fmt: skip
    assert not {"torn", "odd"} & set(by_name)

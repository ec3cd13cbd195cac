"""Clients generated from the service's description: type checkers take them, and they ask it."""

import asyncio
import importlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples" / "client"
USERS = ["u1", "nobody"]


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def generated(running: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the Python client."""
    folder = tmp_path_factory.mktemp("python")
    page = f"{running.url}/openapi.json"
    said = _run(folder, sys.executable, "-m", "openapi_python_client", "generate", "--url", page)
    assert "WARNING" not in said
    return folder / "engine-client"


@pytest.fixture(scope="module")
def expected(running: Any, bare_driver: Any) -> list[str]:
    """What the examples print."""
    with bare_driver.session() as session:
        session.run("MATCH (i:Item) SET i.price = '3.50'").consume()
    with running.client("read") as reader:
        asked = {"users": USERS, "k": 3}
        lists = reader.post("/v1/users/recommendations", json=asked).json()["lists"]
        first = lists[0]["items"][0]["id"]
        lists.append(reader.get(f"/v1/items/{first}/similar", params={"k": 3}).json())
    return [
        f"{one['subject']}: {', '.join(item['id'] + ' (3.50)' for item in one['items'])}"
        for one in lists
    ]


def test_the_example_in_python(running: Any, generated: Path, expected: list[str]) -> None:
    example = shutil.copy(EXAMPLES / "recommend.py", generated)
    _run(generated, sys.executable, "-m", "mypy", "--strict", "--cache-dir", "mypy", "recommend.py")
    said = _run(generated, sys.executable, example, running.url, running.keys["read"], *USERS)
    assert said.splitlines() == expected


def test_the_python_client_knows_answers_and_errors(
    running: Any, generated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(generated)
    package = importlib.import_module("engine_client")
    answers = importlib.import_module("engine_client.api.answers.recommendations")
    reasons = importlib.import_module("engine_client.api.answers.explanation")
    people = importlib.import_module("engine_client.api.people.history")
    listed = importlib.import_module("engine_client.api.experiments.list_experiments")
    reports = importlib.import_module("engine_client.api.experiments.experiment_report")
    types = importlib.import_module("engine_client.types")

    def client(key: str) -> Any:
        return package.AuthenticatedClient(base_url=running.url, token=key)

    with client(running.keys["read"]) as reader:
        found = answers.sync("u3", client=reader, k=2, where=["kind=tea"], return_="kind,tags")
        assert (len(found.items), found.degraded, found.basis.served) == (2, False, "embedding")
        assert {item.attributes["kind"] for item in found.items} == {"tea"}
        assert found.items[0].count is types.UNSET
        assert reasons.sync("u1", "i6", client=reader).graph.edges[0].weight
        missing = people.sync("nobody", client=reader)
        assert (missing.status, missing.detail) == (404, "there is no user nobody")
        assert listed.sync(client=reader).experiments == []
        assert reports.sync("tea", client=reader).detail == "there is no experiment tea"
        wrong = answers.sync("u3", client=reader, k=101)
        assert (wrong.status, wrong.errors[0].where[-1]) == (422, "k")
    with client(running.keys["write"]) as writer:
        assert answers.sync("u3", client=writer).status == 403

    async def later() -> Any:
        async with client(running.keys["read"]) as reader:
            return await answers.asyncio("u3", client=reader, k=2)

    assert len(asyncio.run(later()).items) == 2


def test_the_example_in_typescript(running: Any, expected: list[str], tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("no npm: apt-get install nodejs npm")
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    install = ["npm", "install", "--no-audit", "--no-fund"]
    if subprocess.run(install, cwd=tmp_path, capture_output=True, check=False).returncode:
        pytest.skip("npm cannot install what examples/client/package.json names")
    page = [f"{running.url}/openapi.json", "--default-non-nullable", "false"]
    _run(tmp_path, "npx", "openapi-typescript", *page, "-o", "engine.d.ts")
    options = ["--strict", "--target", "es2022", "--module", "nodenext"]
    _run(tmp_path, "npx", "tsc", *options, "recommend.mts")
    said = _run(tmp_path, "node", "recommend.mjs", running.url, running.keys["read"], *USERS)
    assert said.splitlines() == expected

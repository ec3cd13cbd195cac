"""Every command in README.md and docs/ is typed, page by page, in one small shop.

README's first block loads and publishes it. Pages of questions are followed whole, with what they
show; of the others the commands are run. What is not is named here with its reason. Tutorials have
test_tutorials.py, and tests/test_docs_commands.py parses every command.
"""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from engine.store.graph_client import GraphClient, Neo4jTarget

from .. import documented
from . import reader_files
from .page_reader import Reader, run_command

# Commands of the engine that are only parsed.
NOT_RUN = {
    "batches undo --load 17": "the number is one that was shown; test_undoing.py undoes a load",
    "demo": "test_demo.py runs it",
    "--home rehearsal --uri bolt://rehearsal:7687 import --from backups/monday": "a second server: "
    "test_exchange.py restores into an empty one",
    "--home rehearsal --uri bolt://rehearsal:7687 recommend alice": "the same",
    "--home rehearsal --uri bolt://rehearsal:7687 status": "the same",
    "ingest --follow kafka://broker-1:9092,broker-2:9092/purchases": "test_follow_topic.py",
    "ingest --items postgresql://reader@shop.example/shop --query "
    "'items=SELECT sku, title, brand FROM products'": "test_sql_sources.py",
    "ingest postgresql://reader@shop.example/shop --query "
    "'SELECT customer_id, sku, bought_at AS ts, price AS weight FROM orders'": "the same",
    "train --model lightgcn --processes 2": "test_train.py stops it and goes on in one",
    "experiment report diversity --event purchase --within 7": "no service has remembered a list: "
    "serving/test_variant_outcomes.py reports on one that did",
    "outcomes --what-if generation:13:mmr=0.7 --event purchase": "no service has explored a list: "
    "serving/test_exploration.py asks it of lists that were",
    "retrain --from /srv/exports --online-gate": "lists are not remembered: test_retrain.py",
    "keys revoke 0123456789ab": "the id is one that was shown; test_access.py revokes a key",
}
# Lines of other programs, by their beginning.
OTHERS = {
    r"\.ci/run|(\.venv/bin/python -m |(ENGINE_TEST_\S+ )*)(\S+ -m )?pytest": "run these tests",
    r"(pip install mutmut|mutmut|ENGINE_TEST_SERVER=\S+ ENGINE_TEST_PASSWORD=… python)": "hours",
    r"pip install|python3 -m venv": "tests/packaging installs the wheel",
    r"docker|kubectl": "images or a cluster: tests/packaging/test_containers.py checks the files",
    r"python -m benchmarks\.": "public data, minutes to hours; mypy looks through benchmarks/",
    r"JAVA_HOME=": "another Java",
    r"export (ENGINE_NEO4J_|OTEL_)": "the reader's own server, or collector of traces",
    r"ENGINE_(HOME|LOG_FORMAT)=": "the reader's own home, or log; the command itself is run",
    r"openapi-python-client|npx|cd examples/client": "test_clients.py generates and runs both",
    r"systemctl": "a machine with systemd",
}
# What is added so that a command ends soon.
SHORTER = {"tune": ["--trials", "1"], "compare": ["--no-report"]}
# What a reader has done who types this.
BEFORE = {"rollback": ["publish"]}
# They load what others do not expect, or take it away.
LAST = ("results.md", "feedback.md", "forgetting.md")
# What lists rest on, whichever page comes first.
_MADE = (
    "ingest --facts friends.csv --head-type User --tail-type User",
    "graph build co-occurrence",
    "graph build sequential",
)
_READY_MADE = "promote 1"  # what serves when a page begins, whatever the page before published

_PAGES = sorted(
    (page for page in documented.PAGES if page.parent.name != "tutorials"),
    key=lambda page: LAST.index(page.name) if page.name in LAST else -1,
)
QUESTIONS = [page for page in _PAGES if page.parent.name == "questions"]
OF_COMMANDS = [page for page in _PAGES if page not in QUESTIONS]


@pytest.fixture(scope="module")
def shop(
    graph_of_file: GraphClient, neo4j_target: Neo4jTarget, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a reader who has done what README's first block of commands says."""
    assert graph_of_file.server.version
    folder = tmp_path_factory.mktemp("reader")
    first = next(block for block in _shell_blocks(OF_COMMANDS[0]) if "engine ingest" in block)
    with pytest.MonkeyPatch.context() as patch:
        _at_home(folder, neo4j_target, patch)
        reader_files.write_all(np.random.default_rng(20260801))
        for line in documented.shell_lines(first):
            assert run_command(documented.words(line)[1:]).strip(), line
        for line in _MADE:
            run_command(shlex.split(line))
    return folder


@pytest.fixture
def reader(
    shop: Path, neo4j_target: Neo4jTarget, unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> Reader:
    """A reader in that folder."""
    _at_home(shop, neo4j_target, monkeypatch)
    run_command(shlex.split(_READY_MADE))
    return Reader(unused_port, monkeypatch)


def _at_home(folder: Path, target: Neo4jTarget, patch: pytest.MonkeyPatch) -> None:
    patch.chdir(folder)
    patch.setenv("ENGINE_HOME", str(folder / "home"))
    patch.setenv("ENGINE_KEEP_GENERATIONS", "50")
    patch.setenv("ENGINE_NEO4J_URI", target.uri)
    patch.setenv("ENGINE_NEO4J_USER", target.user)
    patch.setenv("ENGINE_NEO4J_PASSWORD", target.password)
    patch.setenv("CURL_HOME", str(folder))  # its .curlrc: an answer that is an error is one


def _shell_blocks(page: Path) -> list[str]:
    return [block.text for block in documented.blocks(page) if block.language == "bash"]


def _lines(page: Path) -> list[str]:
    return [line for block in _shell_blocks(page) for line in documented.shell_lines(block)]


@pytest.mark.parametrize("page", QUESTIONS, ids=lambda page: str(page.stem))
def test_a_question_is_answered_as_its_page_says(page: Path, reader: Reader) -> None:
    with reader:
        assert reader.follow(page) >= 1


@pytest.mark.parametrize("page", OF_COMMANDS, ids=lambda page: str(page.stem))
def test_the_commands_of_a_page_run(page: Path, reader: Reader) -> None:
    with reader:
        for line in _lines(page):
            for arguments in documented.engine_commands(line):
                _run(arguments, reader)
            if line.startswith("curl "):
                assert reader.type(line).strip()


def _run(arguments: list[str], reader: Reader) -> None:
    if shlex.join(arguments) in NOT_RUN or _is_abridged(arguments):
        return
    if arguments == ["serve"]:
        reader.serve()
        return
    name = arguments[0]
    if name in BEFORE:
        run_command(BEFORE[name])
    more = [] if "--out" in arguments else SHORTER.get(name, [])
    line = shlex.join(["engine", *arguments, *more])
    assert reader.type(line).strip(), line


def _is_abridged(arguments: list[str]) -> bool:
    """Tell whether figures name their command with … for what stands elsewhere."""
    return any("…" in word for word in arguments)


def test_what_is_not_run_is_named() -> None:
    lines = [line for page in OF_COMMANDS for line in _lines(page)]
    commands = [one for line in lines for one in documented.engine_commands(line)]
    assert {shlex.join(one) for one in commands} >= set(NOT_RUN)
    others = [
        line
        for line in lines
        if not line.startswith("curl ") and not list(documented.engine_commands(line))
    ]
    assert not [line for line in others if not any(re.match(begin, line) for begin in OTHERS)]
    assert all(any(re.match(begin, line) for line in others) for begin in OTHERS)
    only_parsed = [one for one in commands if shlex.join(one) in NOT_RUN or _is_abridged(one)]
    assert len(only_parsed) < len(commands) / 8

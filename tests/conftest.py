"""Fixtures of every test: a clean environment, a home of its own, seeded randomness.

A whole run is shared by worker processes (pytest-xdist), a file to a worker; each starts a Neo4j of
its own. A run of named files stays in one process: ``-n 2`` shares it too.
"""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, settings

from .otlp_collector import OtlpCollector

_MOST_WORKERS = 4
_MEMORY_OF_A_WORKER = 6 << 30  # with its server
_OUTPUT = "server"
_SERVER = pytest.StashKey[str]()

# The JVMs that tests start live for minutes: what the second compiler gains it does not get back.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
# A worker per processor: threads of one beside the other would wait for each other, busily.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(_variable, "1")
# ranx would compile its metrics for half a minute, in a fresh environment, to measure some lists.
os.environ.setdefault("NUMBA_DISABLE_JIT", "1")
# Tests measure no time: an example may be drawn, or run, while the machine does something else.
settings.register_profile("engine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("engine")
# In the background of a script Ctrl-C is ignored, by whatever is started there too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many processes ``-n auto`` stands for; 0: this one alone."""
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return 0
    by_memory = psutil.virtual_memory().available // _MEMORY_OF_A_WORKER
    return max(1, min(len(os.sched_getaffinity(0)), by_memory, _MOST_WORKERS))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument: packed ones carry a time, and workers must collect alike."""
    return argname if isinstance(val, bytes) and not val.isascii() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what takes long first, so that no worker is left alone with it at the end."""
    order = {name: place for place, name in enumerate(("integration", "packaging"))}
    root = Path(__file__).parent
    items.sort(key=lambda item: order.get(item.path.relative_to(root).parts[0], len(order)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over to the process that reports which server the tests ran on."""
    word = session.config.stash.get(_SERVER, "")
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[_OUTPUT] = word


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take it over."""
    word = getattr(node, "workeroutput", {}).get(_OUTPUT)
    if word:
        node.config.stash[_SERVER] = word


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say at the end which server it was, where no capture swallows it."""
    terminalreporter.write_line(config.stash.get(_SERVER, "no integration test ran"))


@pytest.fixture(scope="session")
def report_server(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Say which server the tests run on; it stands at the end of the report."""

    def report(text: str) -> None:
        pytestconfig.stash[_SERVER] = text

    return report


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer's machine reaches a test."""
    for name in list(os.environ):
        if name.startswith("ENGINE_") and not name.startswith(("ENGINE_CACHE", "ENGINE_TEST_")):
            monkeypatch.delenv(name)
        if name.startswith("OTEL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ENGINE_HOME", str(tmp_path / "home"))
    # The same bits, whether there is a GPU in the machine or not.
    monkeypatch.setenv("ENGINE_DEVICE", "cpu")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The ENGINE_HOME of this test."""
    folder = tmp_path / "home"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def rng() -> np.random.Generator:
    """Seeded randomness."""
    return np.random.default_rng(20260801)


@pytest.fixture
def unused_port() -> int:
    """A TCP port on loopback where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[OtlpCollector]:
    """A collector of traces that the environment names; what it is sent at the end it gets."""
    from engine import otlp_tracer

    monkeypatch.setattr(otlp_tracer, "_CLOSE_SECONDS", 60.0)
    with OtlpCollector() as one:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", one.url)
        yield one

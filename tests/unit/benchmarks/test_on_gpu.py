"""The script for a machine with a GPU stays runnable on one without."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import on_gpu
from benchmarks.on_gpu import Job


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A small split in the place of Gowalla."""
    folder = tmp_path / "data/gowalla"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(3)
    for name, count in (("train", 12), ("test", 3)):
        lines = [f"{u} {' '.join(map(str, rng.permutation(90)[:count]))}" for u in range(70)]
        (folder / f"{name}.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder.parent


def test_the_plan_names_every_job_and_what_is_left_out(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on_gpu.main(["--plan", "--data", str(data), "--seconds", "600"])
    shown = capsys.readouterr().out
    for job in ("| tests |", "| table |", *(f"| {name} |" for name in on_gpu.MODELS)):
        assert job in shown
    assert "left out: no lastfm/" in shown
    jobs, left_out = on_gpu.plan("cuda", 600.0, None)
    assert sum(job.seconds for job in jobs) == pytest.approx(600, abs=len(jobs))
    assert "table" not in {job.name for job in jobs}
    assert len(left_out) == 2


def test_a_job_yields_a_row_per_precision(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    on_gpu.work(Job("lightgcn", "cpu", 60.0), data)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["precision"] for row in rows] == ["float32", "bfloat16"]
    for row in rows:
        assert row["epochs"] == row["epochs_asked"] == on_gpu.EPOCHS["lightgcn"]
        assert 0 < row["recall@20"] <= 1
        assert row["MiB"] > 0


def test_a_job_that_is_not_finished_in_time_is_named() -> None:
    rows, problem = on_gpu.collected(Job("lightgcn", "cpu", 0.01), None)
    assert rows == []
    assert problem == "lightgcn on cpu: not finished in 0 s"

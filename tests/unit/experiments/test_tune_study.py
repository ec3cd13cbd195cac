"""Searches of one home at once: each has a study of its own, and one at work is not resumed."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.errors import Busy
from engine.experiments.tune_study import Study


def test_searches_that_begin_at_once_in_a_new_home_have_a_study_each(tmp_path: Path) -> None:
    count = 6
    together = threading.Barrier(count)

    def begin(_: int) -> str:
        together.wait()
        with Study(tmp_path / "tuning", "bpr-mf", {}, 0, resume=False) as study:
            return study.name

    with ThreadPoolExecutor(count) as pool:
        names = list(pool.map(begin, range(count)))
    assert sorted(names) == [f"bpr-mf-{one}" for one in range(1, count + 1)]


def test_a_search_at_work_is_not_resumed_and_its_trial_is_finished(tmp_path: Path) -> None:
    with Study(tmp_path, "bpr-mf", {}, 0, resume=False) as at_work, at_work.trial(None) as trial:
        with pytest.raises(Busy, match="bpr-mf-1 is at work in another process"):
            Study(tmp_path, "bpr-mf", {}, 0, resume=True)
        trial.finished(0.5, 1)
    with Study(tmp_path, "bpr-mf", {}, 0, resume=True) as resumed:
        assert [one.metric for one in resumed.trials()] == [0.5]

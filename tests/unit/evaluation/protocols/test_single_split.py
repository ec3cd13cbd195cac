import numpy as np

from engine.data import splits
from engine.evaluation.protocols.single_split import SingleSplit

from .rows import as_rows, shopping


def test_the_single_split_is_that_of_splits_and_validates_alike() -> None:
    events = shopping()

    def draw(name: str) -> np.random.Generator:
        return np.random.default_rng(len(name))

    (task,) = SingleSplit("random", 0.3).tasks(events, draw)
    outer = splits.split(events, "random", draw("split"), 0.3)
    inner = splits.split(outer.earlier, "random", draw("valid"), 0.125)
    assert as_rows(task.parts.later) == as_rows(outer.later)
    assert as_rows(task.validation.later) == as_rows(inner.later)
    assert SingleSplit("random", 0.3).settings() == {"split": "random", "fraction": 0.3}
    assert SingleSplit().notes(events) == []

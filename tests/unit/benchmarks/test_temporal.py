"""What stands beside `tgat` in the benchmark: what was linked before, and the newest own items."""

import numpy as np
import pytest

from benchmarks.temporal import edgebank, own_newest
from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.vocabulary import Vocabulary
from engine.evaluation.protocols import EvaluationTask

DAY = 86_400_000


@pytest.fixture
def task() -> EvaluationTask:
    """User 0 had item 0 twice, the second time last, and item 2; user 1 had item 1 long ago."""
    days = np.array([1, 30, 20, 2])
    events = Interactions.of(
        Vocabulary(["a", "b", "c"]),
        Vocabulary(["i0", "i1", "i2"]),
        [0, 0, 0, 1],
        [0, 0, 2, 1],
        at=days * DAY,
    )
    parts = Split(events, events.select(np.zeros(4, dtype=np.bool_)))
    return EvaluationTask(parts, lambda: parts)


def test_edgebank_knows_what_was_linked_and_nothing_else(task: EvaluationTask) -> None:
    rows = np.arange(3)
    found = edgebank(np.inf)(task)(rows)
    assert found.tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]
    recent = edgebank(15)(task)(rows)
    assert recent.tolist() == [[1, 0, 1], [0, 0, 0], [0, 0, 0]]
    assert edgebank(7)(task)(rows).tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_own_items_come_by_their_newest_event(task: EvaluationTask) -> None:
    found = own_newest(task)(np.arange(3))
    assert found[0].argsort()[::-1].tolist() == [0, 2, 1]
    assert found[0, 1] == 0
    assert found[1].tolist()[::2] == [0, 0]
    assert found[1, 1] > 0
    assert not found[2].any()

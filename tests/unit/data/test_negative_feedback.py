"""What users do not want: each pair once, known from a moment on, and never taken for a liking."""

import numpy as np

from engine.data.negative_feedback import NegativeFeedback
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from tests.unit.three_users import DATA


def _pairs(feedback: NegativeFeedback) -> list[tuple[int, int, float, int]]:
    columns = (feedback.user, feedback.item, feedback.weight, feedback.at)
    return [tuple(row) for row in zip(*(one.tolist() for one in columns), strict=True)]


def test_a_pair_counts_once_as_it_was_first_known() -> None:
    found = NegativeFeedback.of([1, 0, 1], [2, 1, 2], [1.0, 2.0, 3.0], [9, 5, 4])
    assert _pairs(found) == [(0, 1, 2.0, 5), (1, 2, 3.0, 4)]
    more = found.joined(NegativeFeedback.of([1, 1], [2, 0], 0.5, 0))
    assert _pairs(more) == [(0, 1, 2.0, 5), (1, 0, 0.5, 0), (1, 2, 3.0, 4)]
    assert found.digest() != more.digest()
    assert found.digest() == NegativeFeedback.of([0, 1], [1, 2], [2.0, 3.0], [5, 4]).digest()


def test_a_part_knows_the_dislikes_of_its_time_and_learns_from_no_event_on_them() -> None:
    at = np.arange(10, 10 + len(DATA))
    events = type(DATA).of(DATA.users, DATA.items, DATA.user, DATA.item, at=at)
    pairs = list(zip(events.user.tolist(), events.item.tolist(), strict=True))
    (user, item), (other_user, other_item) = pairs[0], pairs[-1]
    dislikes = NegativeFeedback.of([user, other_user], [item, other_item], 1.0, [11, 99])
    whole = TrainingData(events, unwanted=dislikes)

    part = whole.of(events.select(events.at < 13))
    assert part.unwanted is not None
    assert len(part.unwanted) == 1
    assert (user, item) not in zip(part.events.user, part.events.item, strict=True)

    everything = whole.of(events)
    assert everything.unwanted is not None
    assert len(everything.unwanted) == 2  # who knows the newest event, knows what came after it
    left = set(zip(everything.events.user.tolist(), everything.events.item.tolist(), strict=True))
    assert left == set(pairs) - {(user, item), (other_user, other_item)}
    assert TrainingData(events).of(events).events is events
    assert everything.events.users == Vocabulary(DATA.users.ids)

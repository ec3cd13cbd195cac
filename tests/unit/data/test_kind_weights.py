"""Kinds of event have weights: factors on the events' own, and 0 or less is not learned from."""

import numpy as np
import pytest

from engine.data import signals
from engine.data.interactions import Interactions
from engine.data.kind_weights import EQUAL, KindWeights
from engine.data.signals import EventWeights
from engine.data.vocabulary import Vocabulary
from engine.errors import UsageError


def _events() -> Interactions:
    return Interactions.of(
        Vocabulary(["u"]),
        Vocabulary(["i", "j", "k"]),
        [0, 0, 0, 0],
        [0, 1, 2, 2],
        weight=[1.0, 2.0, 5.0, 1.0],
        at=[1, 2, 3, 4],
        event=[0, 1, 2, 1],
        events=("purchase", "view", "return"),
    )


def test_a_kind_multiplies_and_one_of_nothing_or_less_is_left_out() -> None:
    weights = KindWeights({"purchase": 3, "return": -1, "unheard_of": 2, "dislike": -1})
    found, kept = weights.weighed(_events())
    np.testing.assert_allclose(found.weight, [3.0, 2.0, 1.0])
    assert kept.tolist() == [True, True, False, True]
    assert found.item.tolist() == [0, 1, 2]
    assert found.events == _events().events
    assert weights.stored()["kind_weights"] == [3.0, 0.0, 2.0, 0.0]


def test_where_events_are_counted_each_counts_what_its_kind_weighs() -> None:
    weights = KindWeights({"purchase": 3, "return": -1})
    found = weights.weighed(_events())[0]
    assert found.item_weights().tolist() == [3.0, 1.0, 1.0]
    np.testing.assert_allclose(signals.popularity(found), np.cbrt([1.0, 1 / 3, 1 / 3]), rtol=1e-6)
    repeats = signals.repeats(found, float("inf")).toarray()
    np.testing.assert_allclose(repeats, [[3 / 4, 1 / 2, 1 / 2]], rtol=1e-6)
    assert EventWeights({"view": 0.5}).of(found).tolist() == [3.0, 0.5, 0.5]
    assert KindWeights.of(found).stored() == {
        "kinds": ["purchase", "view", "return"],
        "kind_weights": [3.0, 1.0, 0.0],
    }
    assert not KindWeights.of(_events())


def test_without_weights_every_event_is_what_it_was() -> None:
    events = _events()
    for one in (EQUAL, KindWeights({"dislike": -2})):
        found, kept = one.weighed(events)
        assert found is events
        assert kept.all()
        assert one.stored() == {}


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ({"view": float("nan")}, "events.view must be a number from -1e\\+06 to 1e\\+06, not nan"),
        ({"view": 1e7}, "events.view must be a number"),
        ({"Product Viewed": 1}, "is not a kind of event"),
        ({"dislike": 0.5}, "events.dislike must be below 0, not 0.5"),
    ],
)
def test_what_has_no_meaning_is_refused(kinds: dict[str, float], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        KindWeights(kinds)

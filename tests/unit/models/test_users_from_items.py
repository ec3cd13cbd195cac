import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.errors import UsageError
from engine.models.users_from_items import fold_in, mean_of_items

DAY = 86_400_000
ITEMS = np.array([[1, 0], [0, 1], [0.6, 0.8], [0, 0]], dtype=np.float32)


def events(at: list[int]) -> Interactions:
    return Interactions.of(
        Vocabulary(["a", "b", "c"]),
        Vocabulary(["w", "x", "y", "z"]),
        [0, 0, 0, 1],
        [0, 1, 1, 3],
        at=np.array(at),
    )


def test_an_event_counts_half_after_each_half_life() -> None:
    found = mean_of_items(events([80 * DAY, 90 * DAY, 100 * DAY, DAY]), ITEMS, 10.0, unit=False)
    # Ages 20, 10 and 0 days: weights 1/4, 1/2 and 1.
    np.testing.assert_allclose(found[0], np.array([0.25, 1.5]) / 1.75, rtol=1e-6)
    assert not found[1:].any(), "what nothing is known of makes no user"


@pytest.mark.parametrize("unit", [True, False])
def test_who_did_nothing_for_years_has_a_vector(unit: bool) -> None:
    # The other user's event is 30,000 half-lives later; of an unknown item, but it sets the ages.
    found = mean_of_items(
        events([80 * DAY, 90 * DAY, 100 * DAY, 300_100 * DAY]), ITEMS, 10.0, unit=unit
    )
    lately = mean_of_items(events([80 * DAY, 90 * DAY, 100 * DAY, DAY]), ITEMS, 10.0, unit=unit)
    np.testing.assert_allclose(found[0], lately[0], rtol=1e-6)
    ages = [np.array([300_020.0, 300_010.0, 300_000.0])]
    np.testing.assert_allclose(
        fold_in([np.array([0, 1, 1])], ages, ITEMS, 10.0, unit=unit), found[:1]
    )


@pytest.mark.parametrize("at", [[0, 0, 0, 0], [DAY, 2 * DAY, 900 * DAY, DAY]])
def test_without_a_half_life_every_event_counts_alike(at: list[int]) -> None:
    found = mean_of_items(events(at), ITEMS, 0.0, unit=True)
    np.testing.assert_allclose(found[0], np.array([1, 2]) / np.sqrt(5), rtol=1e-6)


def test_a_new_user_gets_what_a_known_one_with_its_items_has() -> None:
    known = mean_of_items(events([80 * DAY, 90 * DAY, 100 * DAY, DAY]), ITEMS, 10.0, unit=True)
    rows = [np.array([0, 1, 1]), np.array([], dtype=np.int64), np.array([3])]
    ages = [np.array([20.0, 10.0, 0.0]), np.array([]), np.array([99.0])]
    found = fold_in(rows, ages, ITEMS, 10.0, unit=True)
    np.testing.assert_allclose(found[0], known[0], rtol=1e-6)
    assert not found[1:].any()


def test_a_row_that_is_no_item_is_refused() -> None:
    with pytest.raises(UsageError, match="0 to 3"):
        fold_in([np.array([4])], None, ITEMS, 0.0, unit=True)

from dataclasses import replace

import numpy as np
import pytest

from engine.data import splits
from engine.data.interactions import Interactions
from engine.data.splits import SPLITS, split
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError, UsageError
from engine.evaluation import hold_out_window


def some(
    events: int = 400, *, timed: bool = True, users: int = 20, items: int = 30
) -> Interactions:
    generator = np.random.default_rng(7)
    user = np.sort(generator.integers(0, users, events)).astype(np.int32)
    at = generator.integers(1_000, 1_000_000, events) if timed else np.zeros(events)
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(users)]),
        Vocabulary([f"i{n}" for n in range(items)]),
        user,
        generator.integers(0, items, events),
        at=at,
        event=(np.arange(events) % 5 == 0),
        events=("bought", "test"),
    )


def keys(part: Interactions) -> set[tuple[int, int]]:
    return set(zip(part.user.tolist(), part.item.tolist(), strict=True))


@pytest.mark.parametrize("kind", SPLITS)
def test_parts_cover_all_events_once_and_keep_the_vocabularies(kind: str) -> None:
    data = some()
    parts = split(data, kind, np.random.default_rng(0), 0.2)  # type: ignore[arg-type]
    assert len(parts.earlier) + len(parts.later) == len(data)
    assert min(len(parts.earlier), len(parts.later)) > 0
    assert parts.later.users is data.users


def test_time_split_never_trains_on_what_comes_after_the_test_begins() -> None:
    parts = split(some(), "time", np.random.default_rng(0), 0.2)
    assert len(parts.later) == 80
    assert parts.earlier.at.max() <= parts.later.at.min()


def test_time_split_falls_between_two_different_times() -> None:
    days = replace(some(), at=some().at // 100_000 * 100_000 + 1)
    parts = split(days, "time", np.random.default_rng(0), 0.23)
    assert parts.earlier.at.max() < parts.later.at.min()
    border = int(parts.later.at.min())
    nearest = min(np.unique(days.at), key=lambda at: abs((days.at >= at).mean() - 0.23))
    assert border == nearest
    one = replace(days, at=np.full(len(days), 7))
    assert len(split(one, "time", np.random.default_rng(0), 0.2).later) == 80


@pytest.mark.parametrize("kind", ["leave-last-out", "random"])
def test_a_pair_is_never_in_both_parts(kind: str) -> None:
    parts = split(some(), kind, np.random.default_rng(0), 0.2)  # type: ignore[arg-type]
    assert not keys(parts.earlier) & keys(parts.later)


def test_leave_last_out_holds_each_users_last_item() -> None:
    data = some()
    parts = split(data, "leave-last-out", np.random.default_rng(0), 0.2)
    for user in range(data.n_users):
        mine = data.select(data.user == user)
        held = parts.later.select(parts.later.user == user)
        assert set(held.item.tolist()) == {int(mine.item[mine.at.argmax()])}


def test_random_split_follows_its_generator() -> None:
    first, same, other = (
        keys(split(some(), "random", np.random.default_rng(seed), 0.2).later) for seed in (1, 1, 2)
    )
    assert first == same
    assert first != other


def test_given_split_takes_events_of_kind_test() -> None:
    parts = split(some(), "given", np.random.default_rng(0), 0.2)
    assert set(parts.later.event.tolist()) == {1}


def test_time_split_without_times_says_what_to_do() -> None:
    with pytest.raises(DataError) as caught:
        split(some(timed=False), "time", np.random.default_rng(0), 0.2)
    assert "--split random" in caught.value.hint


def test_an_empty_part_is_refused() -> None:
    with pytest.raises(DataError):
        split(some(events=1), "time", np.random.default_rng(0), 0.2)


def test_unknown_split_is_refused() -> None:
    with pytest.raises(UsageError):
        split(some(), "lunar", np.random.default_rng(0), 0.2)  # type: ignore[arg-type]


def test_auto_is_by_time_or_at_random_where_most_events_have_none() -> None:
    users, items = Vocabulary(["u0", "u1"]), Vocabulary(["a", "b", "c"])

    def events(*at: int) -> Interactions:
        return Interactions.of(users, items, [0, 0, 1], [0, 1, 2], at=at)

    assert splits.usable("auto", events(1, 2, 3)) == "time"
    assert splits.usable("auto", events(1, 0, 3)) == "time"
    assert splits.usable("auto", events(1, 0, 0)) == "random"
    half = Interactions.of(users, items, [0, 1], [0, 1], at=(1, 0))
    assert splits.usable("auto", half) == hold_out_window.kind_of(half) == "time"
    assert splits.usable("time", events(0, 0, 0)) == "time"
    assert splits.described("auto", events(1, 2, 3)) == []
    assert splits.described("random", events(0, 0, 0)) == []
    (partly,) = splits.described("auto", events(1, 0, 3))
    assert partly == "1 of 3 events have no time: they count as older than all others."
    (mostly,) = splits.described("auto", events(1, 0, 0))
    assert mostly.startswith("2 of 3 events have no time")
    assert "--split random" in mostly
    with pytest.raises(DataError) as told:
        split(events(0, 0, 0), "time", np.random.default_rng(0), 0.5)
    assert "engine train, compare, evaluate and tune" in told.value.hint  # not every command has it


def test_held_out_events_that_weigh_less_are_not_to_be_found() -> None:
    events = some()
    stars = (np.arange(len(events)) % 5 + 1).astype(np.float32)
    parts = split(replace(events, weight=stars), "random", np.random.default_rng(0), 0.2)
    assert splits.relevant(parts, None) is parts
    found = splits.relevant(parts, 3.0)
    assert found.earlier is parts.earlier
    assert sorted(set(found.later.weight.tolist())) == [3.0, 4.0, 5.0]
    assert len(found.later) == (parts.later.weight >= 3).sum()
    with pytest.raises(DataError, match="held-out events weighs 6 or more"):
        splits.relevant(parts, 6.0)

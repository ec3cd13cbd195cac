"""The graphs between items against definitions in plain Python."""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np
import pytest

from engine.data import baskets, item_edges, signals
from engine.data.interactions import Interactions
from engine.data.item_edges import ItemEdges
from engine.data.vocabulary import Vocabulary

DAY = 86_400_000
N_ITEMS = 25
Edges = dict[tuple[int, int], tuple[float, ...]]


@pytest.fixture(scope="module")
def known() -> Interactions:
    """Forty users, some moments with several events, two kinds of event, uneven weights."""
    rng = np.random.default_rng(5)
    user = np.sort(rng.integers(0, 40, 600)).astype(np.int32)
    at = 1_700_000_000_000 + rng.integers(0, 12, 600) * DAY
    return Interactions.of(
        Vocabulary([f"u{n:02}" for n in range(40)]),
        Vocabulary([f"i{n:02}" for n in range(N_ITEMS)]),
        user,
        np.minimum(rng.geometric(0.12, 600) - 1, N_ITEMS - 1),
        weight=rng.integers(1, 4, 600),
        at=at,
        event=rng.integers(0, 2, 600),
        events=("buy", "view"),
    )


def _as_dict(edges: ItemEdges, *names: str) -> Edges:
    columns = [edges.values[name].tolist() for name in names]
    ends = zip(edges.item.tolist(), edges.other.tolist(), strict=True)
    return dict(zip(ends, zip(*columns, strict=True), strict=True))


def _best(
    scores: dict[tuple[int, int], float], top: int, popularity: Mapping[int, int]
) -> set[tuple[int, int]]:
    """Of equal scores the more popular item, then the smaller id; ids are in order of rows here."""
    ranked = defaultdict(list)
    for (item, other), score in scores.items():
        ranked[item].append((-round(score, 12), -popularity[other], other))
    return {(item, other) for item, all_ in ranked.items() for *_, other in sorted(all_)[:top]}


@pytest.mark.parametrize(("half_life", "top", "least"), [(None, 99, 1), (None, 4, 2), (3.0, 5, 2)])
def test_co_occurrence_is_what_plain_counting_gives(
    known: Interactions, half_life: float | None, top: int, least: int
) -> None:
    rule = signals.EventWeights({"buy": 3.0}, half_life)
    weights = rule.of(known)
    nobody = np.full(len(known), -1, dtype=np.int64)
    day = baskets.basket_of(known, nobody, "session", DAY)
    filled = baskets.fill(known, day, weights, 1000)

    newest = int(known.at.max())
    held: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for row in range(len(known)):
        age = (newest - int(known.at[row])) / DAY
        value = 3.0 if known.event[row] == 0 else 1.0
        value *= 1.0 if half_life is None else 0.5 ** (age / half_life)
        basket = held[int(known.user[row]), int(known.at[row])]
        basket[int(known.item[row])] = max(basket[int(known.item[row])], value)  # type: ignore[assignment]
    count: Counter[tuple[int, int]] = Counter()
    product: dict[tuple[int, int], float] = defaultdict(float)
    for basket in held.values():
        for a, b in itertools.product(basket, repeat=2):
            count[a, b] += 1
            product[a, b] += basket[a] * basket[b]
    score = {
        (a, b): product[a, b] / math.sqrt(product[a, a] * product[b, b])
        for (a, b), n in count.items()
        if a != b and n >= least
    }
    expected = {
        (a, b): (count[a, b], count[a, a], count[b, b], pytest.approx(score[a, b], abs=1e-9))
        for a, b in _best(score, top, {item: count[item, item] for item in range(N_ITEMS)})
    }
    edges = item_edges.co_occurrence(filled, known.items, top, least)
    assert _as_dict(edges, "count", "from_baskets", "to_baskets", "score") == expected
    assert edges.baskets == len(held)


@pytest.mark.parametrize(("window", "top"), [(1, 99), (3, 6), (50, 99)])
def test_sequence_is_what_plain_counting_gives(known: Interactions, window: int, top: int) -> None:
    weights = signals.EventWeights({}, 5.0).of(known)
    nobody = np.full(len(known), -1, dtype=np.int64)
    moment = baskets.basket_of(known, nobody, "basket", 1)
    filled = baskets.fill(known, moment, weights, 1000)

    steps: dict[int, dict[int, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in range(len(known)):
        step = steps[int(known.user[row])][int(known.at[row])]
        step[int(known.item[row])] = max(step.get(int(known.item[row]), 0.0), float(weights[row]))
    count: Counter[tuple[int, int]] = Counter()
    weighing: dict[tuple[int, int], float] = defaultdict(float)
    for history in steps.values():
        ordered = [history[at] for at in sorted(history)]
        for first, second in itertools.combinations(range(len(ordered)), 2):
            if second - first <= window:
                for a, b in itertools.product(ordered[first], ordered[second]):
                    if a != b:
                        count[a, b] += 1
                        weighing[a, b] += ordered[second][b]
    total: dict[int, float] = defaultdict(float)
    for (a, _), value in weighing.items():
        total[a] += value
    score = {(a, b): value / total[a] for (a, b), value in weighing.items()}
    edges = item_edges.sequence(known, filled, moment, top, window)
    events = Counter(known.item.tolist())
    expected = {
        pair: (count[pair], pytest.approx(score[pair], abs=1e-9))
        for pair in _best(score, top, events)
    }
    assert _as_dict(edges, "count", "score") == expected


def test_one_listener_with_many_plays_decides_nothing() -> None:
    """Item 1 has nine shared listeners, one of them with 13,883 plays; item 2 has thirty-four."""
    pairs = [(user, item) for user in range(40) for item in (0,)]
    pairs += [(user, 1) for user in range(9)] + [(user, 2) for user in range(34)]
    user, item = zip(*pairs, strict=True)
    listened = Interactions.of(
        Vocabulary([f"u{n:02}" for n in range(40)]),
        Vocabulary(["i0", "i1", "i2"]),
        user,
        item,
        weight=[13_883.0 if pair in ((0, 0), (0, 1)) else 1.0 for pair in pairs],
    )
    everybody = baskets.basket_of(listened, np.full(len(pairs), -1), "user", 1)
    filled = baskets.fill(listened, everybody, signals.EventWeights().of(listened), 9)
    edges = _as_dict(item_edges.co_occurrence(filled, listened.items, 9, 1), "score")
    assert edges[0, 1] == pytest.approx((9 / math.sqrt(40 * 9),))
    assert edges[0, 2] == pytest.approx((34 / math.sqrt(40 * 34),))


def test_the_same_item_in_two_baskets_of_a_moment_follows_once() -> None:
    """The share of what followed is that of the counts where nothing weighs more than another."""
    known = Interactions.of(
        Vocabulary(["u"]), Vocabulary(["a", "b", "c"]), [0] * 4, [0, 1, 1, 2], at=[1, 2, 2, 2]
    )
    named = np.array([1, 2, 3, 4], dtype=np.int64)
    basket = baskets.basket_of(known, named, "basket", 1)
    filled = baskets.fill(known, basket, np.ones(4), 9)
    edges = _as_dict(item_edges.sequence(known, filled, basket, 9, 1), "count", "score")
    assert edges == {(0, 1): (1, 0.5), (0, 2): (1, 0.5)}


def test_events_without_a_time_follow_nothing(known: Interactions) -> None:
    untimed = Interactions(**{**vars(known), "at": np.zeros_like(known.at)})
    nobody = np.full(len(known), -1, dtype=np.int64)
    moment = baskets.basket_of(untimed, nobody, "basket", 1)
    filled = baskets.fill(untimed, moment, np.ones(len(known)), 1000)
    assert len(item_edges.sequence(untimed, filled, moment, 9, 2)) == 0


def test_nearest_is_the_exact_cosine() -> None:
    vectors = np.random.default_rng(2).normal(size=(60, 8)).astype(np.float32)
    vectors[7] = 0.0
    edges = item_edges.nearest(vectors, Vocabulary([f"i{n:02}" for n in range(60)]), 5)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    exact = unit @ unit.T
    np.fill_diagonal(exact, 0.0)
    for item in range(60):
        mine = edges.other[edges.item == item].tolist()
        assert mine == np.argsort(-exact[item])[:5].tolist() or item == 7
    assert 7 not in edges.item
    assert 7 not in edges.other
    rows = exact[edges.item, edges.other]
    assert edges.values["score"] == pytest.approx(rows, abs=1e-6)

"""The arrangement: pins, boosts, damping, diversity and blending, against plain references."""

import math

import numpy as np
import pytest

from engine.graph.lists import arrange
from engine.graph.lists.question import Arrangement, Boost
from engine.graph.lists.recommendations import Recommended
from engine.graph.lists.traits import Traits


def _items(*scored: tuple[str, float]) -> list[Recommended]:
    return [Recommended(id_, id_.upper(), score, "embedding") for id_, score in scored]


def _known(*ids: str, **traits: object) -> dict[str, Traits]:
    return {id_: Traits(id_, id_.upper(), **traits) for id_ in ids}  # type: ignore[arg-type]


def _ids(items: list[Recommended]) -> list[str]:
    return [item.id for item in items]


FOUR = _items(("a", 0.9), ("b", 0.5), ("c", -0.1), ("d", -0.3))


def test_without_an_arrangement_the_order_stays_and_the_first_tier_counts() -> None:
    other = _items(("b", 9.0), ("e", 8.0))
    assert arrange.arrange([FOUR, other], {}, Arrangement(), 5) == [*FOUR, other[1]]
    assert arrange.arrange([FOUR], {}, Arrangement(), 2) == FOUR[:2]
    assert arrange.arrange([], {}, Arrangement(), 2) == []


def test_pins_come_first_where_they_may_be_shown() -> None:
    how = Arrangement(pins=("x", "c", "banned"))
    found = arrange.arrange([FOUR], _known("a", "b", "c", "d", "x"), how, 4)
    assert _ids(found) == ["x", "c", "a", "b"]
    assert [item.source for item in found] == ["pinned", "pinned", "embedding", "embedding"]
    assert found[0].name == "X"
    assert found[1].score == -0.1


def test_what_may_not_be_shown_is_not() -> None:
    how = Arrangement(damping=0.1)
    assert _ids(arrange.arrange([FOUR], _known("a", "d"), how, 4)) == ["a", "d"]


def test_relevance_is_the_stated_formula() -> None:
    known = {
        "a": Traits("a", events=99),
        "b": Traits("b", events=0),
        "c": Traits("c", events=3, values={"kind": ["tea", "hot"]}),
        "d": Traits("d", events=0),
    }
    boosts = (Boost(3.0, "hot", "kind"), Boost(2.0, "c"), Boost(0.5, "b"))
    how = Arrangement(boosts=boosts, damping=0.5)
    step = 1.2 / 3
    expected = [
        1.0 / math.sqrt(100),
        (0.8 + step) / (1.2 + step) * 0.5,
        (0.2 + step) / (1.2 + step) * 6.0 / 2.0,
        step / (1.2 + step),
    ]
    assert arrange.relevance(FOUR, known, how) == pytest.approx(expected)
    best = sorted("abcd", key=lambda id_: -expected["abcd".index(id_)])
    assert _ids(arrange.arrange([FOUR], known, how, 4)) == best


def test_equal_scores_are_equally_relevant_and_keep_their_order() -> None:
    same = _items(("b", 0.2), ("a", 0.2))
    known = _known("a", "b")
    assert arrange.relevance(same, known, Arrangement(damping=1.0)) == [1.0, 1.0]
    assert _ids(arrange.arrange([same], known, Arrangement(damping=1.0), 2)) == ["b", "a"]


def test_the_last_of_the_candidates_can_be_boosted_to_the_top() -> None:
    how = Arrangement(boosts=(Boost(1_000.0, "d"),))
    assert _ids(arrange.arrange([FOUR], _known("a", "b", "c", "d"), how, 1)) == ["d"]


def test_mmr_is_the_greedy_choice_of_its_paper() -> None:
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(12, 5))
    scored = _items(*((f"i{n}", float(1 - n / 12)) for n in range(12)))
    known = {f"i{n}": Traits(f"i{n}", vector=vectors[n].tolist()) for n in range(12)}
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    worth = arrange.relevance(scored, known, Arrangement())
    for share in (0.0, 0.3, 0.7, 1.0):
        chosen: list[int] = []
        while len(chosen) < 6:
            gains = {
                n: share * worth[n]
                - (1 - share) * max([0.0, *(float(unit[n] @ unit[m]) for m in chosen)])
                for n in range(12)
                if n not in chosen
            }
            chosen.append(max(gains, key=lambda n: (gains[n], -n)))
        found = arrange.arrange([scored], known, Arrangement(mmr=share), 6)
        assert _ids(found) == [f"i{n}" for n in chosen]


def test_mmr_knows_what_is_pinned_and_what_has_no_vector() -> None:
    known = {
        "a": Traits("a", vector=[1.0, 0.0]),
        "b": Traits("b", vector=[0.0, 1.0]),
        "c": Traits("c", vector=None),
        "d": Traits("d", vector=[1.0, 0.1]),
    }
    how = Arrangement(pins=("d",), mmr=0.1)
    # c is like nothing; b is more like d than c is; a is d but for a little.
    assert _ids(arrange.arrange([FOUR], known, how, 4)) == ["d", "c", "b", "a"]


def test_at_most_n_of_a_value_counts_pins_and_every_tier() -> None:
    kinds = {"a": ["tea"], "b": ["tea", "hot"], "c": ["hot"], "d": [], "e": ["tea"], "f": ["mug"]}
    known = {id_: Traits(id_, values={"kind": kind}) for id_, kind in kinds.items()}
    how = Arrangement(pins=("a",), at_most=("kind", 1))
    found = arrange.arrange([FOUR, _items(("e", 1.0), ("f", 0.5))], known, how, 6)
    assert _ids(found) == ["a", "c", "d", "f"]


def test_ranks_are_fused_by_the_published_formula() -> None:
    left = _items(("a", 5.0), ("b", 4.0), ("c", 3.0))
    right = [Recommended(id_, None, 0.1, "next") for id_ in ("c", "d", "a")]
    found = arrange.by_reciprocal_rank([left, right])
    scores = {"a": 1 / 61 + 1 / 63, "c": 1 / 63 + 1 / 61, "b": 1 / 62, "d": 1 / 62}
    assert {item.id: item.score for item in found} == pytest.approx(scores)
    assert _ids(found) == ["a", "c", "b", "d"]
    assert {item.id: item.source for item in found} == {
        "a": "embedding",
        "c": "next",
        "b": "embedding",
        "d": "next",
    }

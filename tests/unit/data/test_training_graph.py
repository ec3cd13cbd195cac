import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.training_data import TrainingData
from engine.data.training_graph import graph_from_training_data
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError

EVENTS = Interactions.of(
    Vocabulary(["a", "b"]), Vocabulary(["x", "y"]), [0, 0, 1], [0, 0, 1], weight=[2, 3, 4]
)
# b trusts a, x and y are of one brand, and x of another is said twice and of itself once.
FACTS = np.array([[1, 0, 0], [2, 1, 4], [3, 1, 4], [2, 2, 5], [2, 3, 5], [2, 2, 2]])


def edges(material: TrainingData, *, facts: bool) -> set[tuple[int, int]]:
    graph = graph_from_training_data(material, facts=facts)
    source = np.repeat(np.arange(len(graph)), graph.degree)
    found = list(zip(source.tolist(), graph.indices.tolist(), strict=True))
    assert len(found) == len(set(found)), "parallel events are one edge"
    assert graph.weights is None
    return set(found)


def both_ways(pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    return pairs | {(b, a) for a, b in pairs}


def test_a_pair_is_one_edge_and_facts_come_where_asked() -> None:
    knowledge = Knowledge.of(
        (2, 2),
        Vocabulary(["Brand:1", "Shop:1"]),
        ("TRUSTS", "MADE_BY", "SOLD_AT", "SEEN_AT"),
        (FACTS[:, 0], FACTS[:, 1], FACTS[:, 2]),
    )
    material = TrainingData(EVENTS, knowledge)
    assert edges(material, facts=False) == both_ways({(0, 2), (1, 3)})
    expected = both_ways({(0, 2), (1, 3), (1, 0), (2, 4), (3, 4), (2, 5)})
    assert edges(material, facts=True) == expected
    assert list(graph_from_training_data(material, facts=True).nodes) == ["User", "Item", "Entity"]


def test_facts_must_be_there_when_they_are_wanted() -> None:
    with pytest.raises(DataError, match="facts"):
        graph_from_training_data(TrainingData(EVENTS), facts=True)

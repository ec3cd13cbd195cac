import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.training_data import TrainingData
from engine.data.triples import Triples
from engine.data.vocabulary import Vocabulary


@pytest.fixture
def material() -> TrainingData:
    """a bought x twice and viewed it; b viewed y. a trusts b; x is of Brand:1, and so is y."""
    events = Interactions.of(
        Vocabulary(["a", "b"]),
        Vocabulary(["x", "y", "z"]),
        [0, 0, 0, 1],
        [0, 0, 0, 1],
        at=[10, 20, 30, 0],
        event=[0, 0, 1, 1],
        events=("bought", "viewed"),
    )
    columns = ([0, 2, 3], [1, 0, 0], [1, 5, 5])
    facts = tuple(np.array(column, dtype=np.int64) for column in columns)
    knowledge = Knowledge.of(
        (2, 3), Vocabulary(["Brand:1", "Brand:2"]), ("MADE_BY", "TRUSTS"), facts
    )  # type: ignore[arg-type]
    return TrainingData(events, knowledge)


def test_events_and_facts_stand_in_one_list(material: TrainingData) -> None:
    found = Triples.of(material)
    rows = list(zip(found.head, found.relation, found.tail, found.at, strict=True))
    events = [(0, 0, 2, 20), (0, 1, 2, 30), (1, 1, 3, 0)]
    facts = [(2, 2, 5, 0), (3, 2, 5, 0), (0, 3, 1, 0)]
    assert rows == events + facts
    assert (found.n_nodes, found.n_relations, found.starts) == (7, 4, (2, 5))
    assert found.kinds + found.facts == ("bought", "viewed", "MADE_BY", "TRUSTS")
    assert found.kind_counts().tolist() == [1, 2]
    assert found.degrees().tolist() == [3, 2, 3, 2, 0, 2, 0]
    assert found.label_of(np.arange(7)).tolist() == [0, 0, 1, 1, 1, 2, 2]


def test_facts_can_be_left_out(material: TrainingData) -> None:
    for found in (Triples.of(material, facts=False), Triples.of(TrainingData(material.events))):
        assert (len(found), found.n_entities, found.facts) == (3, 0, ())
        assert found.tail.tolist() == [2, 2, 3]


def test_no_events_leave_the_facts(material: TrainingData) -> None:
    nothing = material.events.select(np.zeros(4, dtype=np.bool_))
    found = Triples.of(material.of(nothing))
    assert len(found) == 3
    assert found.relation.tolist() == [2, 2, 3]
    assert found.kind_counts().tolist() == [0, 0]

import numpy as np

from engine.data.knowledge import Knowledge
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from tests.unit.three_users import DATA


def test_a_part_of_a_split_keeps_what_was_pulled_beside_the_events() -> None:
    none = np.array([], dtype=np.int64)
    facts = Knowledge.of((3, 3), Vocabulary([]), (), (none, none, none))
    whole = TrainingData(DATA, knowledge=facts)
    part = whole.of(DATA.select(DATA.user == 0))
    assert len(part.events) == 3
    assert part.knowledge is facts
    assert part.features is None
    assert len(whole.events) == 5

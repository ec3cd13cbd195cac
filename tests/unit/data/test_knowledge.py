import numpy as np

from engine.data.knowledge import Knowledge
from engine.data.vocabulary import Vocabulary

ENTITIES = Vocabulary(["Brand:1", "Brand:2"])


def _knowledge(*facts: tuple[int, int, int], entities: Vocabulary = ENTITIES) -> Knowledge:
    head, relation, tail = (np.array(column) for column in zip(*facts, strict=True))
    return Knowledge.of((2, 3), entities, ("BY", "LIKES"), (head, relation, tail))


def test_facts_are_sorted_and_none_is_there_twice() -> None:
    found = _knowledge((4, 1, 5), (2, 0, 6), (2, 0, 5), (2, 0, 6))
    rows = list(zip(found.relation.tolist(), found.head.tolist(), found.tail.tolist(), strict=True))
    assert rows == [(0, 2, 5), (0, 2, 6), (1, 4, 5)]
    assert (len(found), found.n_nodes) == (3, 7)


def test_equal_facts_have_one_digest_whatever_their_order() -> None:
    one = _knowledge((2, 0, 5), (3, 1, 6))
    assert one.digest() == _knowledge((3, 1, 6), (2, 0, 5)).digest()
    others = [
        _knowledge((2, 0, 5)),
        _knowledge((2, 1, 5), (3, 1, 6)),
        _knowledge((2, 0, 5), (3, 1, 6), entities=Vocabulary(["Brand:1", "Brand:3"])),
    ]
    assert len({one.digest(), *(other.digest() for other in others)}) == 4

"""A vocabulary is a bijection between ids and rows."""

import pytest

from engine.data.vocabulary import Vocabulary


def test_ids_and_rows_go_both_ways() -> None:
    vocabulary = Vocabulary(["b", "a", "007", "7"])

    assert vocabulary.index_of("007") == 2
    assert vocabulary.index_of("8") is None
    assert vocabulary.positions(["7", "x", "b"]).tolist() == [3, -1, 0]
    assert "a" in vocabulary
    assert len(vocabulary) == 4


def test_an_id_stands_once() -> None:
    with pytest.raises(ValueError, match="once"):
        Vocabulary(["a", "a"])


def test_the_hash_tells_order_and_boundaries_apart() -> None:
    hashes = {
        Vocabulary(ids).content_hash for ids in (["ab", "c"], ["a", "bc"], ["c", "ab"], ["abc"])
    }
    assert len(hashes) == 4
    assert Vocabulary(["ab", "c"]).content_hash in hashes

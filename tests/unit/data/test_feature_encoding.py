from typing import Any

import numpy as np
import pytest

from engine.data.encoding.text_choice import TextChoice
from engine.data.feature_encoding import (
    MOST_WORDS,
    Described,
    FeatureEncoder,
    encode,
    fact_words,
)
from engine.data.knowledge import Knowledge
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError


def test_nothing_known_is_no_feature() -> None:
    assert encode(["a", "b"], {}) is None
    assert encode(["a", "b"], {"a": {"colour": "only here"}}) is None


def test_words_are_weighed_by_rarity_and_rows_have_unit_length() -> None:
    attributes = {
        "a": {"kind": "tea", "tags": ["hot", "leaf"]},
        "b": {"kind": "tea", "tags": ["hot"]},
        "c": {"kind": "cup", "tags": ["leaf"]},
        "d": {"kind": "tea"},
    }
    found = encode(["a", "b", "c", "d", "e"], attributes)
    assert found is not None
    # Columns: kind=tea (3 of 5), tags=hot (2 of 5), tags=leaf (2 of 5); kind=cup stands once.
    tea, hot = np.log(5 / 3) + 1, np.log(5 / 2) + 1
    expected = np.array([[tea, hot, hot], [tea, hot, 0], [0, 0, hot], [tea, 0, 0], [0, 0, 0]])
    lengths = np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected / np.maximum(lengths, 1e-9), atol=1e-6)


def test_an_attribute_that_is_always_a_number_is_a_column() -> None:
    attributes: dict[str, dict[str, Any]] = {str(n): {"price": str(n * 10)} for n in range(30)}
    found = encode([*attributes, "without"], attributes)
    assert found is not None
    numbers = np.arange(30) * 10.0
    np.testing.assert_allclose(found[:30, 0], (numbers - numbers.mean()) / numbers.std(), rtol=1e-5)
    assert found[30].tolist() == [0.0, 1.0]
    assert not found[:30, 1].any()


def test_many_words_become_their_leading_singular_vectors() -> None:
    rng = np.random.default_rng(0)
    ids = [str(n) for n in range(400)]
    attributes = {id_: {"tags": [f"t{n}" for n in rng.integers(0, 300, 6)]} for id_ in ids}
    found, again = encode(ids, attributes), encode(ids, attributes)
    assert found is not None
    assert found.shape == (400, MOST_WORDS)
    np.testing.assert_array_equal(found, again)
    full = encode(ids, {id_: {"tags": own["tags"]} for id_, own in attributes.items()})
    assert full is not None
    # Most of what the words say of likeness stays.
    assert np.linalg.norm(found) ** 2 > 0.6 * len(ids)


def test_facts_of_users_and_items_become_words() -> None:
    # Users 0 1, items 2 3, entities 4 (Brand:7) and 5 (Town:1).
    knowledge = Knowledge.of(
        (2, 2),
        Vocabulary(["Brand:7", "Town:1"]),
        ("KNOWS", "LIVES_IN", "MADE"),
        (np.array([0, 1, 4, 4, 4]), np.array([0, 1, 2, 2, 2]), np.array([1, 5, 3, 2, 3])),
    )
    assert len(knowledge) == 4, "a fact stands once"
    words = fact_words(knowledge)
    assert words == [[], ["LIVES_IN=Town:1"], ["MADE=Brand:7"], ["MADE=Brand:7"]]


@pytest.mark.parametrize("change", ["relation", "tail", "entity"])
def test_a_digest_tells_facts_apart(change: str) -> None:
    def facts(entity: str = "a", relation: str = "R", tail: int = 1) -> Knowledge:
        ends = np.array([0]), np.array([0]), np.array([tail])
        return Knowledge.of((1, 1), Vocabulary([entity]), (relation,), ends)

    other = {"relation": facts(relation="S"), "tail": facts(tail=2), "entity": facts("b")}[change]
    assert facts().digest() == facts().digest()
    assert facts().digest() != other.digest()


def _described(rng: np.random.Generator, count: int) -> Described:
    places = ("rome", "delhi", "accra", "lima", "oslo")
    attributes: list[dict[str, Any]] = [
        {
            "price": str(n * 1.5),
            "shelf": f"s{n % 4}",
            "about": f"A cup of {places[n % 5]} and its people, number {n}",
        }
        for n in range(count)
    ]
    facts = [[f"MADE_BY=Brand:{n % 7}"] for n in range(count)]
    return Described(attributes, facts, {"picture": rng.normal(size=(count, 6)).astype(np.float32)})


def test_a_later_item_is_encoded_as_the_first_were(rng: np.random.Generator) -> None:
    known = _described(rng, 40)
    encoder = FeatureEncoder.fitted(known, TextChoice("auto"))
    assert encoder.text_names == ("about",)
    restored = FeatureEncoder.restored(encoder.state())
    made = encoder.encode(known)
    np.testing.assert_array_equal(restored.encode(known), made)
    # One item alone, as it arrives: the columns that it had among all.
    alone = Described(
        known.attributes[3:4],
        known.facts[3:4] if known.facts else None,
        {"picture": known.vectors["picture"][3:4]},
    )
    np.testing.assert_allclose(restored.encode(alone), made[3:4], atol=1e-6)
    # And one that shares nothing: a missing number, no words, no vector.
    stranger = restored.encode(Described([{"shelf": "new", "colour": "red"}]))
    assert stranger.shape == (1, made.shape[1])
    assert np.flatnonzero(stranger[0]).tolist() == [1], "the price is marked as missing"


def test_texts_are_tokens_and_no_words(rng: np.random.Generator) -> None:
    known = _described(rng, 40)
    without, taken = (
        FeatureEncoder.fitted(known, TextChoice(names)).encode(known) for names in ("none", "about")
    )
    same = taken[:, without.shape[1] - 6 :] @ taken[:, without.shape[1] - 6 :].T
    # Items of one place are nearer than those of two.
    assert same[0, 5] > same[0, 1]
    assert taken.shape[1] > without.shape[1]


def test_a_sentence_model_reads_texts_in_their_place(rng: np.random.Generator) -> None:
    class Places:
        def encode(self, sentences: list[str]) -> np.ndarray:
            return np.array([[float(w in one) for w in ("rome", "delhi")] for one in sentences])

    known = _described(rng, 40)
    opened: list[str] = []

    def open_model(folder: str) -> Places:
        opened.append(folder)
        return Places()

    encoder = FeatureEncoder.fitted(known, TextChoice("about", "models/places"), open_model)
    plain = FeatureEncoder.fitted(known)
    made = encoder.encode(known, open_model)
    assert not encoder.texts
    assert (
        made.shape[1]
        == plain.encode(
            Described(
                [{k: v for k, v in one.items() if k != "about"} for one in known.attributes],
                known.facts,
                known.vectors,
            )
        ).shape[1]
        + 2
    )
    restored = FeatureEncoder.restored(encoder.state())
    np.testing.assert_array_equal(restored.encode(known, open_model), made)
    assert set(opened) == {"models/places"}


def test_a_sentence_model_is_given_texts_alone(rng: np.random.Generator) -> None:
    class Lengths:
        def encode(self, sentences: list[str]) -> np.ndarray:
            return np.array([[float(len(one))] for one in sentences])

    # A graph that was filled by something else has numbers and lists where others have sentences.
    known = Described([{"about": 1984}, {"about": ["in", "rome"]}, {"about": "delhi"}, {}])
    choice = TextChoice("about", "models/lengths")
    encoder = FeatureEncoder.fitted(known, choice, lambda _folder: Lengths())
    assert encoder.encode(known, lambda _folder: Lengths()).shape == (4, 1)


def test_a_vector_of_another_width_is_refused(rng: np.random.Generator) -> None:
    encoder = FeatureEncoder.fitted(_described(rng, 40))
    other = Described([{}], None, {"picture": np.ones((1, 7), dtype=np.float32)})
    with pytest.raises(DataError, match=r"picture: vectors have the shape \(1, 7\), not \(n, 6\)"):
        encoder.encode(other)


def test_the_state_of_another_version_is_refused() -> None:
    state = FeatureEncoder.fitted(Described([{"a": "x"}] * 2)).state()
    with pytest.raises(DataError, match="of the format 7"):
        FeatureEncoder.restored(state | {"format": 7})

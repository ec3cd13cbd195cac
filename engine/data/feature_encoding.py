"""Feature encoding: attributes, facts, texts and vectors of users or items as rows of numbers.

A text is a word, ``department=GROCERY``; a fact is one too, ``MADE_BY=Brand:69``; an attribute that
is a number everywhere is a column of its own. Attributes that are sentences become tokens, or what
a sentence model makes of them; lists of numbers are vectors. What was learned of all nodes (means,
weights, axes) is kept, so that one which arrives later is encoded as these are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from engine.data.arrays import Float32Array
from engine.data.encoding.dense_vectors import DenseVectors
from engine.data.encoding.number_columns import NumberColumns
from engine.data.encoding.sentence_model import (
    SentenceModel,
    open_sentence_model,
    sentence_vectors,
)
from engine.data.encoding.text_choice import TextChoice
from engine.data.encoding.text_tokens import tokens
from engine.data.encoding.weighed_words import MOST_COLUMNS, WeighedWords
from engine.data.knowledge import Knowledge
from engine.errors import DataError

MOST_WORDS = MOST_COLUMNS
MOST_TOKENS = 20_000
"""Tokens of a text attribute that are kept: those that most nodes use."""
TEXT_WEIGHT = np.float32(0.5)
"""Length of a row of a text's columns, where that of words and facts is 1. Chosen on validation
(docs/pinsage.md): as long, names drown the facts of films; shorter, they add less."""
_FORMAT = 1
OpenModel = Callable[[str], SentenceModel]
PartT = TypeVar("PartT")


@dataclass(frozen=True, eq=False)
class Described:
    """What is known of some nodes beside their events.

    Attributes:
        attributes: Of each node.
        facts: Words of each, beside its attributes; None where nobody knows facts.
        vectors: Attribute to ``(n, width) float32``, a row of zeros where a node has none.
    """

    attributes: Sequence[Mapping[str, Any]]
    facts: Sequence[Sequence[str]] | None = None
    vectors: Mapping[str, Float32Array] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class FeatureEncoder:
    """What rows of features are made by.

    Attributes:
        numbers: Attributes that are numbers.
        words: All other attributes and the facts; None where no two nodes share a word.
        texts: Attribute to the tokens of its texts.
        sentences: Attribute to how the vectors of its texts become columns.
        vectors: Attribute to how its vectors become columns.
        model: Folder of the sentence model; empty where there is none.
        text_names: Attributes that are texts.
    """

    numbers: NumberColumns
    words: WeighedWords | None
    texts: Mapping[str, WeighedWords] = field(default_factory=dict)
    sentences: Mapping[str, DenseVectors] = field(default_factory=dict)
    vectors: Mapping[str, DenseVectors] = field(default_factory=dict)
    model: str = ""
    text_names: tuple[str, ...] = ()

    @classmethod
    def fitted(
        cls,
        known: Described,
        choice: TextChoice | None = None,
        open_model: OpenModel = open_sentence_model,
    ) -> "FeatureEncoder":
        """Learn how some nodes are encoded.

        Args:
            known: What is known of them.
            choice: Which attributes are texts; None: none is.
            open_model: Opens the sentence model of a folder.

        Raises:
            UsageError: The sentence model is not there.
        """
        choice = choice or TextChoice()
        names = choice.of(known.attributes)
        others = _without(known.attributes, names)
        numbers = NumberColumns.fitted(others)
        columns = {name: _texts(known.attributes, name) for name in names}
        counted: dict[str, WeighedWords | None] = {}
        read: dict[str, DenseVectors | None] = {}
        if choice.model and names:
            model = open_model(choice.model)
            read = {
                name: DenseVectors.fitted(sentence_vectors(model, texts))
                for name, texts in columns.items()
            }
        else:
            counted = {
                name: WeighedWords.fitted(_tokens(texts), MOST_TOKENS)
                for name, texts in columns.items()
            }
        made = {name: DenseVectors.fitted(rows) for name, rows in sorted(known.vectors.items())}
        return cls(
            numbers,
            WeighedWords.fitted(_words(others, numbers.names, known.facts)),
            _there(counted),
            _there(read),
            _there(made),
            choice.model if names else "",
            tuple(names),
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known that could be encoded."""
        parts = (self.numbers.names, self.words, self.texts, self.sentences, self.vectors)
        return not any(parts)

    def encode(self, known: Described, open_model: OpenModel = open_sentence_model) -> Float32Array:
        """Return ``(n, f) float32`` of some nodes, seen before or not.

        A word, a token or an attribute that was not there at first says nothing, and what is
        missing now is as what was missing then.

        Args:
            known: What is known of them.
            open_model: Opens the sentence model of a folder.

        Raises:
            DataError: A vector has another width.
            UsageError: The sentence model is no longer there.
        """
        others = _without(known.attributes, self.text_names)
        parts = [self.numbers.encode(others)]
        if self.words is not None:
            parts.append(self.words.encode(_words(others, self.numbers.names, known.facts)))
        for name, by in self.texts.items():
            parts.append(TEXT_WEIGHT * by.encode(_tokens(_texts(known.attributes, name))))
        if self.sentences:
            model = open_model(self.model)
            for name, axes in self.sentences.items():
                made = sentence_vectors(model, _texts(known.attributes, name))
                parts.append(TEXT_WEIGHT * _encoded(name, axes, made))
        for name, axes in self.vectors.items():
            rows = known.vectors.get(name)
            if rows is None:
                rows = np.zeros((len(known.attributes), axes.width), dtype=np.float32)
            parts.append(_encoded(name, axes, rows))
        return np.hstack(parts).astype(np.float32, copy=False)

    def state(self) -> dict[str, Any]:
        """Return arrays, texts and numbers that ``restored`` makes the same from."""
        return {
            "format": _FORMAT,
            "numbers": self.numbers.state(),
            "words": None if self.words is None else self.words.state(),
            "texts": {name: one.state() for name, one in self.texts.items()},
            "sentences": {name: one.state() for name, one in self.sentences.items()},
            "vectors": {name: one.state() for name, one in self.vectors.items()},
            "model": self.model,
            "text_names": list(self.text_names),
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> "FeatureEncoder":
        """Return the encoder that ``state`` was of.

        Raises:
            DataError: Another version has written it.
        """
        if state.get("format") != _FORMAT:
            raise DataError(
                f"the feature encoder is of the format {state.get('format')}, not {_FORMAT}",
                hint="train again with: engine train",
            )
        words = state["words"]
        return cls(
            NumberColumns.restored(state["numbers"]),
            None if words is None else WeighedWords.restored(words),
            {name: WeighedWords.restored(one) for name, one in state["texts"].items()},
            {name: DenseVectors.restored(one) for name, one in state["sentences"].items()},
            {name: DenseVectors.restored(one) for name, one in state["vectors"].items()},
            state["model"],
            tuple(state["text_names"]),
        )


def encode(
    ids: Sequence[str],
    attributes: Mapping[str, Mapping[str, Any]],
    facts: Sequence[Sequence[str]] | None = None,
    choice: TextChoice | None = None,
) -> Float32Array | None:
    """Return ``(len(ids), f) float32``, or None where nothing is known of any of them.

    Args:
        ids: Whose features are wanted.
        attributes: Id to attributes.
        facts: Words of each of them beside its attributes.
        choice: Which attributes are texts; None: none is.
    """
    known = Described([attributes.get(id_, {}) for id_ in ids], facts)
    encoder = FeatureEncoder.fitted(known, choice)
    return None if encoder.is_empty else encoder.encode(known)


def fact_words(knowledge: Knowledge) -> list[list[str]]:
    """Return, for every user and then every item, the entities that it is joined to, as words.

    Facts in either direction count; those that lead to a user or item do not.
    """
    first = knowledge.n_users + knowledge.n_items
    words: list[list[str]] = [[] for _ in range(first)]
    for here, there in ((knowledge.head, knowledge.tail), (knowledge.tail, knowledge.head)):
        chosen = (here < first) & (there >= first)
        columns = (here[chosen], knowledge.relation[chosen], there[chosen] - first)
        for node, kind, entity in zip(*(one.tolist() for one in columns), strict=True):
            words[node].append(f"{knowledge.relations[kind]}={knowledge.entities.ids[entity]}")
    return words


def _there(found: Mapping[str, PartT | None]) -> dict[str, PartT]:
    return {name: one for name, one in found.items() if one is not None}


def _encoded(name: str, axes: DenseVectors, rows: Float32Array) -> Float32Array:
    try:
        return axes.encode(rows)
    except ValueError as error:
        raise DataError(
            f"{name}: {error}", hint="train again with: engine train, or bring the former vectors"
        ) from error


def _without(
    known: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> Sequence[Mapping[str, Any]]:
    if not names:
        return known
    return [{name: value for name, value in one.items() if name not in names} for one in known]


def _texts(known: Sequence[Mapping[str, Any]], name: str) -> list[str | None]:
    """Return the text of each node; what is a number or a list of words is read as text too."""
    found = [one.get(name) for one in known]
    return [
        None if one is None else " ".join(map(str, one)) if isinstance(one, list) else str(one)
        for one in found
    ]


def _tokens(texts: Sequence[str | None]) -> list[list[str]]:
    return [tokens(text) if text is not None else [] for text in texts]


def _words(
    known: Sequence[Mapping[str, Any]],
    numbers: Sequence[str],
    facts: Sequence[Sequence[str]] | None,
) -> list[list[str]]:
    words = [
        [
            f"{name}={member}"
            for name, value in one.items()
            if name not in numbers
            for member in (value if isinstance(value, list) else [value])
        ]
        for one in known
    ]
    if facts is not None:
        words = [[*own, *more] for own, more in zip(words, facts, strict=True)]
    return words

"""Feature encoding: attributes and facts of users or items as rows of numbers.

A text is a word, ``department=GROCERY``; a fact is one too, ``MADE_BY=Brand:69``; an attribute that
is a number everywhere is a column of its own. Words are weighed by how much they distinguish
(tf-idf), and where there are many, brought down to their leading singular vectors.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from engine.data.arrays import Float32Array
from engine.data.knowledge import Knowledge

MOST_WORDS = 128
"""Columns of words that are kept as they are, or singular vectors in their place."""
_LEAST_USES = 2
_FEW_VALUES = 20


def encode(
    ids: Sequence[str],
    attributes: Mapping[str, Mapping[str, Any]],
    facts: Sequence[Sequence[str]] | None = None,
) -> Float32Array | None:
    """Return ``(len(ids), f) float32``, or None where nothing is known of any of them.

    Args:
        ids: Whose features are wanted.
        attributes: Id to attributes.
        facts: Words of each of them beside its attributes.
    """
    known = [attributes.get(id_, {}) for id_ in ids]
    numeric = _numeric(known)
    words = [
        [word for name, value in one.items() if name not in numeric for word in _words(name, value)]
        for one in known
    ]
    if facts is not None:
        words = [[*own, *more] for own, more in zip(words, facts, strict=True)]
    parts = [_numbers([one.get(name) for one in known]) for name in numeric]
    parts += [part for part in [_of_words(words)] if part is not None]
    return np.hstack(parts).astype(np.float32) if parts else None


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


def _numeric(known: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the attributes that are numbers wherever they are, and more than a few different."""
    values: dict[str, set[Any]] = {}
    for one in known:
        for name, value in one.items():
            values.setdefault(name, set()).add(tuple(value) if isinstance(value, list) else value)
    return sorted(
        name
        for name, found in values.items()
        if len(found) > _FEW_VALUES and all(_number(value) is not None for value in found)
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _numbers(column: Sequence[Any]) -> Float32Array:
    """Return a column brought to mean 0 and deviation 1, and one that marks where it is missing."""
    there = np.array([value is not None for value in column])
    numbers = np.array([float(value) if value is not None else 0.0 for value in column])
    spread = numbers[there].std() or 1.0
    scaled = np.where(there, (numbers - numbers[there].mean()) / spread, 0.0)
    return np.stack([scaled, ~there], axis=1).astype(np.float32)


def _words(name: str, value: Any) -> list[str]:
    members = value if isinstance(value, list) else [value]
    return [f"{name}={member}" for member in members]


def _of_words(words: Sequence[Sequence[str]]) -> Float32Array | None:
    """Return tf-idf rows of unit length over the words that at least two use."""
    uses = Counter(word for own in words for word in set(own))
    vocabulary = {
        word: column
        for column, word in enumerate(sorted(w for w, n in uses.items() if n >= _LEAST_USES))
    }
    if not vocabulary:
        return None
    cells = [
        (row, vocabulary[word])
        for row, own in enumerate(words)
        for word in sorted(set(own))
        if word in vocabulary
    ]
    rows, columns = np.array(cells).T
    rarity = np.log(len(words) / np.array([uses[word] for word in vocabulary])) + 1.0
    table = sparse.csr_array((rarity[columns], (rows, columns)), shape=(len(words), len(rarity)))
    length = np.maximum(np.sqrt(table.multiply(table).sum(axis=1)), 1e-12)
    table = sparse.csr_array(sparse.diags_array(1.0 / length) @ table)
    if len(vocabulary) <= MOST_WORDS:
        dense: Float32Array = table.toarray().astype(np.float32)
        return dense
    # ARPACK starts from a vector of ours, so that one table always gives one result.
    left, values, _ = svds(table, k=min(MOST_WORDS, len(words) - 1), v0=np.ones(min(table.shape)))
    scaled: Float32Array = (left * values)[:, ::-1].astype(np.float32)
    return scaled

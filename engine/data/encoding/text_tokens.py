"""Texts as tokens: words, pairs of words and pieces of words, without case and accents.

``Café crème`` and ``cafe creme`` are one text. A piece is three to five characters of a word with a
blank before and behind, as scikit-learn's ``char_wb`` has them, so that languages that join words
or bend them share pieces, and those that write without blanks (日本語) have tokens at all.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from engine.data.encoding.number_columns import FEW_VALUES, number_of

PIECES = range(3, 6)
"""Characters of a piece."""
_LONGEST = 20_000
_SENTENCE_WORDS = 3
_WORD = re.compile(r"\w+")
_LETTERS = re.compile(r"[^\W\d_]{2,}")


def folded(text: str) -> str:
    """Return a text in small letters without accents; ``ß`` becomes ``ss``."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))


def tokens(text: str) -> list[str]:
    """Return the tokens of a text: ``w:`` words and pairs of words, ``c:`` pieces of words.

    Of a longer text the first 20,000 characters count.
    """
    words = _WORD.findall(folded(text[:_LONGEST]))
    pairs = (f"{one} {two}" for one, two in itertools.pairwise(words))
    return [
        *(f"w:{word}" for word in words),
        *(f"w:{pair}" for pair in pairs),
        *(f"c:{piece}" for word in words for piece in _pieces(word)),
    ]


def are_sentences(values: Iterable[Any]) -> bool:
    """Tell whether the values of an attribute are sentences rather than words to be shared.

    They are where all are texts, more than twenty differ, at least half of all differ, and at least
    half have three words of letters: descriptions and titles do, brands, shelves and sizes do not.
    """
    texts = list(values)
    if not all(isinstance(text, str) for text in texts):
        return False
    different = set(texts)
    if len(different) <= FEW_VALUES or 2 * len(different) < len(texts):
        return False
    long = sum(len(_LETTERS.findall(text)) >= _SENTENCE_WORDS for text in texts)
    return 2 * long >= len(texts) and any(number_of(text) is None for text in texts)


def _pieces(word: str) -> Iterator[str]:
    whole = f" {word} "
    for size in PIECES:
        if len(whole) <= size:
            yield whole
            return
        yield from (whole[at : at + size] for at in range(len(whole) - size + 1))

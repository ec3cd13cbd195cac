"""Texts as tokens: words, pairs of words and pieces of words, without case and accents.

``Café crème`` and ``cafe creme`` are one text. A piece is three to five characters of a word with a
blank before and behind, as scikit-learn's ``char_wb`` has them, so that languages that join words
or bend them share pieces, and those that write without blanks (日本語) have tokens at all. Signs of
vowels and tones, which Unicode calls marks as it does accents, belong to the word (हिन्दी, น้ำปลา).
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
_ASCII_WORD = re.compile(r"\w+")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_WITHOUT_BLANKS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{3}"
)
"""Three characters of Thai, Lao, Burmese, Khmer, Japanese or Chinese: about a word."""
_FIRST_OF_VOWEL_SIGNS = "\u0900"
_ACCENTS_BEHIND = re.compile(r"[\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe2f]")


def folded(text: str) -> str:
    """Return a text in small letters without accents; ``ß`` becomes ``ss``."""
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in apart if not _is_accent(char))
    return unicodedata.normalize("NFC", plain)


def tokens(text: str) -> list[str]:
    """Return the tokens of a text: ``w:`` words and pairs of words, ``c:`` pieces of words.

    Of a longer text the first 20,000 characters count.
    """
    words = _words(folded(text[:_LONGEST]))
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
    Where words are not set apart three characters count as one.
    """
    texts = list(values)
    if not all(isinstance(text, str) for text in texts):
        return False
    different = set(texts)
    if len(different) <= FEW_VALUES or 2 * len(different) < len(texts):
        return False
    long = sum(_words_of_letters(text) >= _SENTENCE_WORDS for text in texts)
    return 2 * long >= len(texts) and any(number_of(text) is None for text in texts)


def _is_accent(char: str) -> bool:
    """Tell whether a mark only changes a letter, as in Latin, Greek, Cyrillic, Hebrew, Arabic."""
    if char >= _FIRST_OF_VOWEL_SIGNS:
        return _ACCENTS_BEHIND.match(char) is not None
    return _is_mark(char)


def _words(text: str) -> list[str]:
    r"""Return what ``\w+`` finds, marks being letters too; ``re`` has no class of them."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    apart = "".join(char if char == "_" or _is_of_word(char) else " " for char in text).split()
    return [word for word in apart if not all(map(_is_mark, word))]


def _is_of_word(char: str) -> bool:
    return char.isalnum() or _is_mark(char)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


def _words_of_letters(text: str) -> int:
    if text.isascii():
        return len(_LETTERS.findall(text))
    bare = "".join(char for char in text if not _is_mark(char))
    apart, count = _WITHOUT_BLANKS.subn(" ", bare)
    return count + len(_LETTERS.findall(apart))


def _pieces(word: str) -> Iterator[str]:
    whole = f" {word} "
    for size in PIECES:
        if len(whole) <= size:
            yield whole
            return
        yield from (whole[at : at + size] for at in range(len(whole) - size + 1))

"""Names made of what people write: ``Product Viewed`` and ``productViewed`` are ``product_viewed``.

Accents and case go, words are joined by ``_``. What is no Latin letter, digit, ``_`` or ``-`` parts
words; a text without any letter or digit has no such name.
"""

import re
import unicodedata

LONGEST = 63

_LATIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def loses_letters(text: str) -> bool:
    """Return whether letters or digits of a text are in no such name: ``購入 1`` would be ``1``."""
    return any(one.isalnum() and not snake_case(one) for one in text if not one.isascii())


def snake_case(text: str, kept: str = "") -> str:
    """Return the name that a text folds to, perhaps empty; a name stays what it is.

    Args:
        text: What somebody wrote.
        kept: Characters that are part of names, besides lower case letters, digits and ``_``.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(one for one in decomposed if not unicodedata.combining(one))
    words = _WORD_STARTS.sub("_", plain).lower().translate(_LATIN)
    joined = re.sub(rf"[^a-z0-9_{re.escape(kept)}]+", "_", words)
    if joined == text:
        return text
    return re.sub(r"__+", "_", joined).strip("_" + kept)

"""Which attributes are texts, and what reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.data.encoding.text_tokens import are_sentences

AUTO, NO_TEXT = "auto", "none"


@dataclass(frozen=True)
class TextChoice:
    """Which attributes are texts, and what reads them.

    Attributes:
        names: Attributes separated by commas; ``auto``: those that look like sentences, without
            the name; ``none``: none is.
        model: Folder of a sentence model; empty: words and pieces of words are counted.
    """

    names: str = NO_TEXT
    model: str = ""

    @property
    def named(self) -> list[str]:
        """The attributes that are named; none where they are to be found, or none is wanted."""
        if self.names in (AUTO, NO_TEXT):
            return []
        return list(dict.fromkeys(one.strip() for one in self.names.split(",") if one.strip()))

    def of(self, known: Sequence[Mapping[str, Any]]) -> list[str]:
        """Return the attributes of some nodes that are texts."""
        there: dict[str, list[Any]] = {}
        for one in known:
            for name, value in one.items():
                there.setdefault(name, []).append(value)
        if self.names == AUTO:
            found = (name for name, values in there.items() if are_sentences(values))
            return sorted(name for name in found if name != "name")
        return [name for name in self.named if name in there]

    @property
    def wants_name(self) -> bool:
        """Whether ``name``, which is left out otherwise, is among the texts."""
        return "name" in self.named

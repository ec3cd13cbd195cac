"""Variants of experiments: read as they are written, and made into a list for a user.

``generation:13``, ``generation:13:mmr=0.7``, ``serving:damping=0.3``, ``list:cart``, ``holdout``.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.answering.named_lists import checked
from engine.data.experiment_definition import Variant
from engine.errors import UsageError

_NUMBER = re.compile("[0-9]{1,18}")
_EXAMPLE = "generation:13, generation:13:mmr=0.7, serving:damping=0.3, list:cart or holdout"


def parse_variant(name: str, text: str, share: float) -> Variant:
    """Return the variant that a text describes; whether its generation is there is not looked at.

    Args:
        name: Of the variant.
        text: What users of it get.
        share: Of the users, in per cent.

    Raises:
        UsageError: It describes none; the message says what is wrong.
    """
    kind, _, rest = text.partition(":")
    if kind == "generation":
        number, _, options = rest.partition(":")
        if not _NUMBER.fullmatch(number):
            raise _refused(name, f"{number!r} is no number of a generation", "engine generations")
        return Variant(name, share, "generation", int(number), options=_options(name, options))
    if kind == "serving":
        return Variant(name, share, "serving", options=_options(name, rest))
    if kind == "list" and rest:
        return Variant(name, share, "list", list=rest)
    if text == "holdout":
        return Variant(name, share, "holdout")
    raise _refused(name, f"{text!r} says neither a generation nor a list", f"write {_EXAMPLE}")


def _options(name: str, text: str) -> dict[str, Any]:
    given = {}
    for part in text.split(":") if text else ():
        option, _, value = part.partition("=")
        if option not in _READERS:
            raise _refused(
                name,
                f"it has no option {option}",
                f"it has {', '.join(_READERS)}; another list with any option: engine lists set "
                "NAME, then list:NAME",
            )
        try:
            given[option] = _READERS[option](value)
        except ValueError as error:
            raise _refused(name, f"{option}={value!r} cannot be read", f"write {_EXAMPLE}") from (
                error
            )
    return checked(name, given) if given else {}


def _refused(name: str, message: str, hint: str) -> UsageError:
    return UsageError(f"the variant {name}: {message}", hint=hint)


def _several(text: str) -> list[str]:
    return text.split(",")


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _one_at_most(text: str) -> dict[str, int]:
    trait, _, number = text.partition("=")
    return {trait: int(number)}


_READERS: Mapping[str, Callable[[str], Any]] = {
    "allow": _several,
    "at_most": _one_at_most,
    "blend": str,
    "block": _several,
    "candidates": _several,
    "damping": float,
    "exclude_seen": _truth,
    "explore": float,
    "fallback": _several,
    "mmr": float,
    "not_shown_within": str,
    "pins": _several,
    "rerank": str,
    "seen_days": float,
    "seen_events": _several,
    "where": _several,
}

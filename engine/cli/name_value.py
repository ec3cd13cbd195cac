"""Options whose values are texts such as NAME=VALUE, WHAT=FACTOR or NAME,NAME."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from engine.errors import UsageError

NumberT = TypeVar("NumberT", int, float)


def pairs(texts: Sequence[str], option: str, example: str) -> dict[str, str]:
    """Return name -> value, without the blanks around them; of a name given twice the last counts.

    Raises:
        UsageError: A text is no pair.
    """
    split = [split_pair(text, option, example) for text in texts]
    return {name.strip(): value.strip() for name, value in split}


def literal_pairs(texts: Sequence[str], option: str, example: str) -> dict[str, str]:
    """Return name -> value, a value as it is: it may be empty or begin with a blank.

    Raises:
        UsageError: A text is no pair, or a name is given twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, value = split_pair(text, option, example, empty=True)
        if name.strip() in found:
            raise UsageError(
                f"{option} {name.strip()} is given twice", hint=f"give one {option} of that name"
            )
        found[name.strip()] = value
    return found


def split_pair(text: str, option: str, example: str, *, empty: bool = False) -> tuple[str, str]:
    """Return name and value, split at the first ``=``.

    Args:
        text: As it was given.
        option: Its flag, for the error.
        example: A value of the flag that would do.
        empty: The value may be empty.

    Raises:
        UsageError: It is no pair.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not (value or empty):
        raise UsageError(f"{option} {text!r} is not NAME=VALUE", hint=f"write {option} {example}")
    return name, value


def split_names(text: str) -> list[str]:
    """Return the names between commas, without the blanks around them; empty ones do not count."""
    return [name.strip() for name in text.split(",") if name.strip()]


def split_factor(text: str, option: str, example: str) -> tuple[str, float]:
    """Return what a factor is of, and the factor, split at the last ``=``.

    Raises:
        UsageError: It is neither.
    """
    what, _, factor = text.rpartition("=")
    if not what:
        raise UsageError(f"{option} {text!r} has no factor", hint=f"write {option} {example}")
    return what, read_number(factor, option, example)


def read_number(text: str, option: str, example: str) -> float:
    """Return the number that a part of an option's value is.

    Raises:
        UsageError: It is none.
    """
    return _read(float, "number", text, option, example)


def read_whole(text: str, option: str, example: str) -> int:
    """Return the whole number that a part of an option's value is.

    Raises:
        UsageError: It is none.
    """
    return _read(int, "whole number", text, option, example)


def _read(
    kind: Callable[[str], NumberT], word: str, text: str, option: str, example: str
) -> NumberT:
    try:
        return kind(text)
    except ValueError as error:
        raise UsageError(
            f"{option}: {text!r} is not a {word}", hint=f"write {option} {example}"
        ) from error

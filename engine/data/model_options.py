"""Options of models and of training: typed fields with help, unit and range, read from text."""

import math
import typing
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar

from engine.data.whole_numbers import LARGEST
from engine.errors import UsageError

ConfigT = TypeVar("ConfigT")
_KINDS = {bool: "true or false", int: "a whole number", float: "a number"}
_TRUE = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Option:
    """One setting as ``--help`` shows it."""

    name: str
    default: Any
    help: str
    allowed: str


@dataclass(frozen=True)
class Span:
    """Where a number is searched for, both ends included.

    Attributes:
        log: Whether steps are factors: twice as much is as far as half as much.
    """

    low: float
    high: float
    log: bool = False


Hint = Span | tuple[Any, ...]
"""Where ``engine tune`` looks for a setting: in a span, or among values."""


def option(
    default: Any,
    help_text: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: Collection[str] = (),
    tune: Hint | None = None,
) -> Any:
    """Declare a field of a config dataclass: its default, meaning and what it may be.

    With ``tune``, ``engine tune`` searches for it there; the default lies within.
    """
    return field(
        default=default,
        metadata={"help": help_text, "low": low, "high": high, "choices": choices, "tune": tune},
    )


def search_space(config: type) -> dict[str, Hint]:
    """Return where the settings of a config dataclass are searched for, those that are."""
    hints = {one.name: one.metadata.get("tune") for one in fields(config)}
    return {name: hint for name, hint in hints.items() if hint is not None}


def describe(config: type, names: Collection[str] = ()) -> list[Option]:
    """Return every option of a config dataclass, or those of some names, in order."""
    return [
        Option(one.name, one.default, one.metadata["help"], _allowed(one.metadata))
        for one in fields(config)
        if one.default is not MISSING and (not names or one.name in names)
    ]


def configure(config: type[ConfigT], values: Mapping[str, str]) -> ConfigT:
    """Build a config from text values; names it does not have are refused.

    Raises:
        UsageError: A name is unknown or a value is not allowed.
    """
    kinds = typing.get_type_hints(config)
    known = {one.name: one for one in fields(config)}  # type: ignore[arg-type]
    parsed: dict[str, Any] = {}
    for name, text in values.items():
        if name not in known:
            raise UsageError(
                f"there is no setting {name}", hint=f"use one of {', '.join(sorted(known))}"
            )
        parsed[name] = _parse(name, text, kinds[name], known[name].metadata)
    return config(**parsed)


def _parse(name: str, text: str, kind: Any, metadata: Mapping[str, Any]) -> Any:
    try:
        value = _TRUE[text.lower()] if kind is bool else kind(text)
    except (KeyError, ValueError):
        raise _refusal(name, text, kind, metadata) from None
    low, high, choices = metadata["low"], metadata["high"], metadata["choices"]
    if (
        (kind is float and not math.isfinite(value))
        or (kind is int and abs(value) > LARGEST)
        or (low is not None and value < low)
        or (high is not None and value > high)
        or (choices and value not in choices)
    ):
        raise _refusal(name, text, kind, metadata)
    return value


def _refusal(name: str, text: str, kind: Any, metadata: Mapping[str, Any]) -> UsageError:
    return UsageError(
        f"{name}={text} is not allowed: {metadata['help']}",
        hint=f"--set {name}=VALUE with VALUE {_allowed(metadata) or _KINDS.get(kind, 'a text')}",
    )


def _allowed(metadata: Mapping[str, Any]) -> str:
    low, high, choices = metadata["low"], metadata["high"], metadata["choices"]
    if choices:
        return "one of " + ", ".join(choices)
    if low is not None and high is not None:
        return f"from {low:g} to {high:g}"
    return f"at least {low:g}" if low is not None else ""

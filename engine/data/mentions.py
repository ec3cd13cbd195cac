"""Mentions of ids in texts and in quarantined rows: find them, and replace them by a word.

An id such as 42 is part of many texts that are not about it. In running text it counts as a
mention where it stands in quotes, or before the words of our own messages that name an id; in a
row, where it is a cell of a column that can hold an id of its kind.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from engine.data.reading.columns import EVENT_FIELDS
from engine.data.tombstone import ForgettableKind

REDACTED = "[forgotten]"
_BETWEEN = re.compile(r"[\s,;|\"'{}\[\]:()<>=]+")
_OWN_FIELDS: Mapping[ForgettableKind, str] = {"user": "user_id", "item": "item_id"}


def redacted(text: str, ids: Collection[str]) -> str:
    """Return a message with each mention of some ids replaced."""
    for id_ in ids:
        if id_ not in text:
            continue
        for quoted in (repr(id_), f'"{id_}"'):
            text = text.replace(quoted, REDACTED)
        text = re.sub(rf"(?<!\S){re.escape(id_)} was described", f"{REDACTED} was described", text)
        if len(id_) > 1 and not id_.isdecimal():
            text = re.sub(rf"(?<![\w]){re.escape(id_)}(?![\w])", REDACTED, text)
    return text


def named_in(row: Mapping[str, Any], kind: ForgettableKind, ids: Collection[str]) -> frozenset[str]:
    """Return those of some ids of a kind that a quarantined row may be about."""
    others = _columns_of_other_fields(kind)
    words: set[str] = set()
    for name, value in row.items():
        if name in ("_line", "_code", "_seal", "_decimal") or _folded(name) in others:
            continue
        texts = set(_texts(value))
        if name == "_reason":
            texts = set() if _is_about(str(value), others) else _told(str(value))
        elif name in ("_raw", "_extra"):
            texts |= {word for text in texts for word in _BETWEEN.split(text)}
        words |= texts
    return frozenset(words.intersection(ids))


def _told(reason: str) -> set[str]:
    """Return what the reason of a rejection may have as an id."""
    quoted = {one or two for one, two in re.findall(r"'([^']*)'|\"([^\"]*)\"", reason)}
    return quoted | {reason.partition(" was described")[0].removeprefix("conflict: ")}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield str(name)
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif value is not None:
        yield str(value)


def _is_about(reason: str, others: Collection[str]) -> bool:
    return _folded(reason.partition(" ")[0].rstrip(":")) in others


def _folded(name: str) -> str:
    return re.sub(r"[_\-\s]", "", name.partition(":")[0]).lower()


def _columns_of_other_fields(kind: ForgettableKind) -> frozenset[str]:
    """Return the usual names of columns that hold something else than ids of a kind."""
    return frozenset(
        _folded(name)
        for field, groups in EVENT_FIELDS.items()
        if field not in (_OWN_FIELDS[kind], "basket_id", "event_id")
        for name in (field, *(one for group in groups for one in group))
    )

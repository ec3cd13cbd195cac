"""What has to change on users and items, so that they are as they are described."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.data.arrays import Float32Array
from engine.data.attributes import Value
from engine.data.description import Description
from engine.data.entity_kinds import OwnFact


@dataclass(frozen=True)
class Changes:
    """What one of them lacks, and what it has too much.

    Attributes:
        attributes: Name to the new value; None: it is removed.
        new: Facts to be written, with their keys.
        gone: Facts to be removed, by the numbers that the server knows them by.
    """

    id: str
    attributes: Mapping[str, Value | None]
    vectors: Mapping[str, Float32Array]
    new: Mapping[OwnFact, int]
    gone: Sequence[str]

    def as_row(self) -> dict[str, Any]:
        """Return the row of ``ingest/set_attributes``."""
        return {"id": self.id, "attributes": dict(self.attributes), "vectors": dict(self.vectors)}


def changes(
    described: Sequence[Description], before: Sequence[Mapping[str, Any]], *, whole: bool
) -> Iterator[Changes]:
    """Yield what has to change on those that are not yet as they are described.

    Args:
        described: What they shall be like.
        before: Rows of ``ingest/lock_nodes``, one for each id.
        whole: Whether attributes that a description does not name are removed.
    """
    found = {row["id"]: row for row in before}
    for one in described:
        row = found[one.id]
        change = _change(one, dict(row["attributes"]), row["facts"], whole=whole)
        if not row["known"] or change.attributes or change.vectors or change.new or change.gone:
            yield change


def _change(
    one: Description, stands: dict[str, Any], facts: Sequence[Mapping[str, str]], *, whole: bool
) -> Changes:
    named = {*one.attributes, *one.vectors}
    removed = (set(stands) - named) if whole else (set(stands) & one.removed)
    attributes: dict[str, Value | None] = {
        name: value for name, value in one.attributes.items() if _differ(stands.get(name), value)
    }
    vectors = {
        name: vector for name, vector in one.vectors.items() if stands.get(name) != vector.tolist()
    }
    there = {
        OwnFact(fact["relation"], fact["tail_type"], fact["tail"]): fact["fact"] for fact in facts
    }
    wanted = there if one.facts is None else one.facts
    return Changes(
        one.id,
        attributes | dict.fromkeys(sorted(removed)),
        vectors,
        {fact: key for fact, key in (one.facts or {}).items() if fact not in there},
        [number for fact, number in there.items() if fact not in wanted],
    )


def _differ(stands: Any, value: Value) -> bool:
    """Tell whether two values differ; true and 1 do."""
    return type(stands) is not type(value) or stands != value

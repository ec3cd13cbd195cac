"""Slots of a statement: what Cypher cannot take as a parameter, such as a label.

A header declares ``name [: kind] [= default]``; the kind says which names of the graph may fill it.
"""

import re
from dataclasses import dataclass

from engine.errors import StoreError

KINDS = ("label", "relation", "property", "properties", "index")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_ENTRY = re.compile(r"(?P<name>[a-z_]+)(?:: (?P<kind>[a-z]+))?(?: = (?P<default>\w+))?")
# What a slot is that does not say so.
_NAMED = {"relation": "relation", "index": "index", "property": "property", "weight": "property"}


def is_identifier(name: str) -> bool:
    """Tell whether a name may fill a slot: letters, digits and _, at most 63, a letter first."""
    return _IDENTIFIER.fullmatch(name) is not None


@dataclass(frozen=True)
class Slot:
    """One slot of a statement.

    Attributes:
        name: As in the text, without the dollar.
        kind: ``label``, ``relation``, ``property`` or ``index``; or ``properties``: several names
            with commas between them, for a place where a list of properties of one node stands.
        default: What fills it when nothing is given, or None where something must be.
    """

    name: str
    kind: str
    default: str | None = None

    def check(self, statement: str, value: str) -> str:
        """Return ``value`` where it is a plain identifier.

        Raises:
            StoreError: It is not, so it could be more than a name.
        """
        names = value.split(",") if self.kind == "properties" else [value]
        if not all(is_identifier(name) for name in names):
            raise StoreError(
                f"{value!r} cannot be the {self.name} of {statement}",
                hint="identifiers are letters, digits and _, at most 63 characters",
            )
        return value

    def fill(self, text: str, value: str) -> str:
        """Return the text with the slot filled; the value was checked."""
        slot = re.escape(f"`${self.name}`")
        if self.kind != "properties":
            return re.sub(slot, f"`{value}`", text)
        names = value.split(",")
        return re.sub(
            rf"(\w+)\.{slot}",
            lambda match: ", ".join(f"{match.group(1)}.`{name}`" for name in names),
            text,
        )

    def as_text(self) -> str:
        """Return the declaration as a header writes it."""
        return f"{self.name}: {self.kind}" + (f" = {self.default}" if self.default else "")


def declared(statement: str, field: str) -> dict[str, Slot]:
    """Parse the ``idents`` line of a header.

    Raises:
        StoreError: An entry is not understood.
    """
    found = {}
    for part in [] if field == "none" else field.split(","):
        entry = _ENTRY.fullmatch(part.strip())
        if entry is None or (entry["kind"] or "label") not in KINDS:
            raise StoreError(f"{statement}: header entry not understood: {part!r}")
        name = entry["name"]
        kind = entry["kind"] or next((k for word, k in _NAMED.items() if word in name), "label")
        found[name] = Slot(name, kind, entry["default"])
    return found

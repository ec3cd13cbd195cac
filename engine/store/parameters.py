"""Parameters of a statement: type, default, range and the node an id must name.

A header declares ``name: TYPE [of Label] [= default] [in low..high]``; the default is JSON, either
end of the range may be left out.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import StoreError, UsageError

REQUIRED: Any = object()
"""The default of a parameter that has none."""

_ENTRY = re.compile(
    r"(?P<name>\w+):\s*(?P<kind>[A-Z]+(?:<.+?>)?(?=\s|$))"
    r"(?:\s+of\s+(?P<label>[A-Za-z]\w*))?"
    r"(?:\s+=\s+(?P<default>.+?))?"
    r"(?:\s+in\s+(?P<low>-?[\d.]*?)\.\.(?P<high>-?[\d.]*))?"
)
_SCALARS: dict[str, tuple[type, ...]] = {
    "INTEGER": (int,),
    "FLOAT": (float, int),
    "STRING": (str,),
    "BOOLEAN": (bool,),
    "MAP": (dict,),
}
_EXPECTED = {
    "INTEGER": "a whole number",
    "FLOAT": "a number",
    "STRING": "text",
    "BOOLEAN": "true or false",
    "MAP": 'a JSON object such as {"category": ["tea"]}',
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a statement.

    Attributes:
        name: As in the text, without the dollar.
        kind: Cypher type, such as ``INTEGER`` or ``LIST<STRING>``.
        default: Value when none is given; ``REQUIRED`` where one must be.
        low: Smallest number allowed, or None.
        high: Largest number allowed, or None.
        label: Label of the node whose ``id`` the value must be, or the slot that holds the label,
            or None.
    """

    name: str
    kind: str
    default: Any = REQUIRED
    low: float | None = None
    high: float | None = None
    label: str | None = None

    def read(self, text: str) -> Any:
        """Return the value that a command line's text stands for, checked.

        Raises:
            UsageError: The text is not of the type, or out of range.
        """
        if self.kind == "STRING":
            return self.check(text)
        if self.kind.startswith("LIST") and not text.lstrip().startswith("["):
            parts = [part.strip() for part in text.split(",") if part.strip()]
            inner = Parameter(self.name, self._inner)
            return self.check([inner.read(part) for part in parts])
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise self._refused(text) from error
        return self.check(value)

    def check(self, value: Any) -> Any:
        """Return the value as the server must see it.

        Raises:
            UsageError: It is not of the type, or out of range.
        """
        if value is None and self.default is None:
            return None
        if self.kind.startswith("LIST"):
            if not isinstance(value, list | tuple):
                raise self._refused(value)
            inner = Parameter(self.name, self._inner, low=self.low, high=self.high)
            return [inner.check(one) for one in value]
        scalar = self.kind.split("<")[0]
        wanted = _SCALARS.get(scalar)
        if wanted is None:
            return value
        if not isinstance(value, wanted) or (isinstance(value, bool) and scalar != "BOOLEAN"):
            raise self._refused(value)
        if not isinstance(value, int | float):
            return value
        if not self._within(value):
            raise self._refused(value)
        return float(value) if scalar == "FLOAT" else value

    def as_text(self) -> str:
        """Return the declaration as a header writes it."""
        text = f"{self.name}: {self.kind}" + (f" of {self.label}" if self.label else "")
        if self.default is not REQUIRED:
            text += f" = {json.dumps(self.default)}"
        if self.low is not None or self.high is not None:
            text += f" in {self._range}"
        return text

    @property
    def _inner(self) -> str:
        return self.kind.removeprefix("LIST").strip("<>") or "ANY"

    @property
    def _range(self) -> str:
        low, high = ("" if end is None else f"{end:g}" for end in (self.low, self.high))
        return f"{low}..{high}"

    def _within(self, value: float) -> bool:
        if not math.isfinite(value):
            return False
        return not (
            (self.low is not None and value < self.low)
            or (self.high is not None and value > self.high)
        )

    def _refused(self, value: Any) -> UsageError:
        if self.kind.startswith("LIST"):
            expected = f"a list of {self._inner}, such as a,b or a JSON array"
        else:
            expected = _EXPECTED.get(self.kind.split("<")[0], self.kind)
        if self.low is not None or self.high is not None:
            low = "" if self.low is None else f" from {self.low:g}"
            expected += low + ("" if self.high is None else f" up to {self.high:g}")
        shown = repr(value) if isinstance(value, str) else json.dumps(value, default=str)
        return UsageError(f"parameter {self.name} must be {expected}, not {shown}")


def declared(statement: str, field: str) -> dict[str, Parameter]:
    """Parse the ``params`` line of a header.

    Raises:
        StoreError: An entry is not understood.
    """
    if field == "none":
        return {}
    found = {}
    # A type or a default may hold commas, so only split where a new "name: TYPE" begins.
    for part in re.split(r",\s*(?=\w+:\s*[A-Z])", field):
        entry = _ENTRY.fullmatch(part.strip())
        if entry is None:
            raise StoreError(f"{statement}: parameter not understood: {part!r}")
        given = entry.groupdict()
        try:
            default = REQUIRED if given["default"] is None else json.loads(given["default"])
            low, high = (float(given[end]) if given[end] else None for end in ("low", "high"))
        except ValueError as error:
            raise StoreError(f"{statement}: parameter not understood: {part!r}") from error
        name = given["name"]
        found[name] = Parameter(name, given["kind"], default, low, high, given["label"])
    return found


def arguments(
    statement: str, parameters: Mapping[str, Parameter], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a value for every parameter: the given one, checked, or the default.

    Raises:
        UsageError: A name is unknown, a value is missing or not allowed.
    """
    if unknown := sorted(set(given) - set(parameters)):
        raise UsageError(
            f"{statement} has no parameter {unknown[0]}",
            hint="it has: " + (", ".join(parameters) or "none"),
        )
    values = {}
    for name, parameter in parameters.items():
        if name in given:
            values[name] = parameter.check(given[name])
        elif parameter.default is REQUIRED:
            raise UsageError(
                f"{statement} needs parameter {name}: {parameter.kind}",
                hint=f"add --param {name}=…",
            )
        else:
            values[name] = parameter.default
    return values

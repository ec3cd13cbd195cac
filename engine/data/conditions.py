"""Conditions on what an item says of itself: one small grammar, which becomes parameters.

    category=tea          one of its values is this text; given again: either text
    category!=tea         none of them is; an item that says nothing passes
    price<=20             one of them is a number, and in that range; also <, >, >=
    language=user.language    what the user says, in place of a text or a number

Nothing of a text becomes part of a statement: ``cypher/part/may_be_shown.cypher`` decides by the
parameters of ``Condition.values``, and ``Condition.holds`` in memory, where no user is known.
"""

import operator
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from engine.errors import UsageError

MAX_CONDITIONS = 20
_FORM = re.compile(
    r"(?P<name>[^=<>!\s]+)(?P<blank>\s*)(?P<sign><=|>=|!=|=|<|>)(?P<value>.*)", re.DOTALL
)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_OF_USER = "user."
_ORDERED: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EXAMPLE = "category=tea, category!=tea, price<=20 or language=user.language"


@dataclass(frozen=True)
class Condition:
    """One condition that is more than equality with a text.

    Attributes:
        attribute: Of the item.
        sign: ``=``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``.
        value: A text of ``=`` and ``!=``, a number of the others; None: what the user says.
        of_user: Attribute of the user that says it; None: ``value`` counts.
    """

    attribute: str
    sign: str
    value: str | float | None = None
    of_user: str | None = None

    def values(self) -> dict[str, Any]:
        """Return the parameters of the executor in Cypher."""
        return {
            "attribute": self.attribute,
            "sign": self.sign,
            "texts": [self.value] if isinstance(self.value, str) else None,
            "number": self.value if isinstance(self.value, float) else None,
            "of_user": self.of_user,
        }

    def holds(self, texts: Collection[str]) -> bool:
        """Tell, in memory, whether it holds for the values of an item; one of a user never does."""
        if self.of_user is not None:
            return False
        bound = self.value
        if isinstance(bound, float):
            compare = _ORDERED[self.sign]
            return any(compare(float(text), bound) for text in texts if _NUMBER.fullmatch(text))
        return (bound in texts) == (self.sign == "=")


def parse_where(
    texts: Iterable[str], option: str = "where"
) -> tuple[dict[str, tuple[str, ...]], tuple[Condition, ...]]:
    """Return attribute to the texts of which one must match, and the other conditions.

    Args:
        texts: A condition each.
        option: What they were given as, for the error.

    Raises:
        UsageError: A text is no condition.
    """
    filters: dict[str, list[str]] = {}
    conditions: list[Condition] = []
    for text in texts:
        found = _FORM.fullmatch(text)
        if found is None or not found["value"].strip():
            raise UsageError(
                f"{option} {text!r} is no condition", hint=f"write {option} {_EXAMPLE}"
            )
        name, sign, value = found["name"], found["sign"], found["value"]
        if found["blank"]:  # blanks around the sign are no part of a text
            value = value.strip()
        if value.strip().startswith(_OF_USER):
            of_user = value.strip().removeprefix(_OF_USER)
            conditions.append(Condition(name, sign, of_user=of_user))
        elif sign == "=":
            filters.setdefault(name, []).append(value)
        elif sign == "!=":
            conditions.append(Condition(name, sign, value))
        elif _NUMBER.fullmatch(value.strip()):
            conditions.append(Condition(name, sign, float(value)))
        else:
            raise UsageError(
                f"{option} {text!r}: {value.strip()!r} is no number",
                hint=f"write {option} price<=20",
            )
    return {name: tuple(values) for name, values in filters.items()}, tuple(conditions)

"""Plug-ins: what installed packages add by entry points, so that nobody needs a fork.

A package names what it adds in its ``pyproject.toml``:

    [project.entry-points."engine.models"]
    mean-item = "my_package:MEAN_ITEM"

What cannot be loaded, or takes a name of the engine's own, is left out with a warning that names
it; everything else works. ``engine.extension`` has what a plug-in is made of, ``docs/plugins.md``
an example.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")
PluginGroup = Literal[
    "engine.models", "engine.losses", "engine.readers", "engine.lists", "engine.rerankers"
]
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plugin:
    """Something that a package adds.

    Attributes:
        group: Which table it joins.
        name: Under which name.
        package: Whose it is, with its version.
        value: What was loaded; None where it was left out.
        fault: Why it was left out.
    """

    group: PluginGroup
    name: str
    package: str
    value: Any = field(default=None, compare=False)
    fault: str = ""


class ExtensibleTable(Mapping[str, T], Generic[T]):
    """A table of the engine's own entries, and of those that plug-ins add.

    Plug-ins are loaded when somebody first looks, so a module of one may import the engine.

    Args:
        group: Of the entry points.
        own: The engine's entries.
        belongs: Whether a loaded value is for this table.
        fits: Whether it is for any table of the group; what is not is named.
        taken: Names that other tables of the group hold.
    """

    def __init__(
        self,
        group: PluginGroup,
        own: Mapping[str, T],
        belongs: Callable[[Any], bool],
        taken: Callable[[], Collection[str]] = tuple,
        fits: Callable[[Any], bool] | None = None,
    ) -> None:
        self._group, self._own, self._belongs, self._taken = group, own, belongs, taken
        self._fits = fits or belongs
        self._all: Mapping[str, T] | None = None

    def __getitem__(self, name: str) -> T:
        # The engine's own need no look at what else is installed.
        return self._own[name] if name in self._own else self._entries()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries())

    def __len__(self) -> int:
        return len(self._entries())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self)})"

    def _entries(self) -> Mapping[str, T]:
        if self._all is None:
            found: dict[str, T] = {}
            for one in loaded(self._group):
                if one.fault:
                    continue
                if one.name in self._own or one.name in self._taken():
                    _leave_out(one, "the engine has one of that name")
                elif not self._fits(one.value):
                    _leave_out(one, f"{type(one.value).__name__} is nothing for {one.group}")
                elif self._belongs(one.value):
                    found[one.name] = one.value
            self._all = {**self._own, **found}
        return self._all


@cache
def _leave_out(one: Plugin, fault: str) -> None:
    """Say once that a plug-in is left out, and why."""
    _LOG.warning("plug-in %s of %s is left out: %s", one.name, one.package, fault)


@cache
def loaded(group: PluginGroup) -> tuple[Plugin, ...]:
    """Return the plug-ins of a group by name; one that cannot be loaded has a ``fault``.

    A module that is broken may raise anything, and its fault must not become everybody's.
    """
    found: dict[str, Plugin] = {}
    for point in sorted(entry_points(group=group), key=lambda one: (one.name, one.value)):
        one = _load(group, point)
        if not one.fault and point.name in found:
            one = Plugin(group, one.name, one.package, fault="another package adds that name")
        if one.fault:
            _leave_out(one, one.fault)
        found.setdefault(point.name, one)
    return tuple(found.values())


def _load(group: PluginGroup, point: EntryPoint) -> Plugin:
    of = "unknown package" if point.dist is None else f"{point.dist.name} {point.dist.version}"
    try:
        value = point.load()
    except Exception as error:
        return Plugin(group, point.name, of, fault=f"{type(error).__name__}: {error}")
    return Plugin(group, point.name, of, value)


class ExtensibleNames(Collection[str]):
    """Names of the engine's own entries of a group, and of those that plug-ins add.

    Args:
        group: Of the entry points.
        own: The engine's names.
        belongs: Whether a loaded value is what its group holds; None: nobody knows here.
    """

    def __init__(
        self,
        group: PluginGroup,
        own: Collection[str],
        belongs: Callable[[Any], bool] | None = None,
    ) -> None:
        self._group, self._own, self._belongs = group, tuple(own), belongs

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._added()

    def __iter__(self) -> Iterator[str]:
        return iter((*self._own, *self._added()))

    def __len__(self) -> int:
        return len(self._own) + len(self._added())

    def _added(self) -> list[str]:
        return [
            one.name
            for one in loaded(self._group)
            if not one.fault
            and one.name not in self._own
            and (self._belongs is None or self._belongs(one.value))
        ]

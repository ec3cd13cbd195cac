"""Named lists: which lists answer and with what options, under the name of a place in the shop.

``engine.toml`` may define some; those of the graph win, and are changed while a service runs.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from engine.answering.question_options import ListOptions, question_of
from engine.answering.sources import ListSource, Sources
from engine.data.option_names import check_names
from engine.errors import NotFound, UsageError
from engine.graph.lists.question import Question
from engine.graph.stored_lists import ListChange

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_OF_SOURCES = ("by", "blend", "fallback", "likes", "relation", "rerank")
DEFAULT_K = 10


class NamedListOptions(ListOptions, total=False):
    """What a named list says: every option of a list but for whom it is made.

    Attributes:
        k: How many items.
        by, blend, fallback, likes, relation, rerank: Which lists answer; see ``recommend``.
    """

    k: int
    by: ListSource
    blend: ListSource | None
    fallback: Sequence[ListSource]
    likes: Sequence[str]
    relation: str | None
    rerank: str | None


@dataclass(frozen=True)
class NamedList:
    """A list with its options under a name.

    Attributes:
        options: Those that were given, as JSON has them.
        defined_in: Where.
        changed_at, who: When and by whom, where the graph defines it.
    """

    name: str
    options: Mapping[str, Any]
    defined_in: Literal["graph", "engine.toml"]
    changed_at: datetime | None = None
    who: str | None = None

    def request(self, k: int | None = None) -> tuple[Question, Sources]:
        """Return what it asks of the graph.

        Args:
            k: How many items; None: as many as it says.

        Raises:
            UsageError: An option is unknown or not allowed.
        """
        return _request(self.name, self.options if k is None else {**self.options, "k": k})


def checked(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a list that is to have a name, as JSON can hold them.

    Raises:
        UsageError: The name or an option is not allowed; the message names it.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"a list cannot be named {name!r}",
            hint="a name is lower-case letters, digits and hyphens, and begins with a letter: cart",
        )
    _request(name, options)
    boosts = options.get("boosts")
    if isinstance(boosts, Mapping):
        return {**options, "boosts": list(boosts.items())}
    return dict(options)


def named_lists(
    of_file: Mapping[str, Mapping[str, Any]], of_graph: Iterable[ListChange]
) -> dict[str, NamedList]:
    """Return what every name stands for, by name."""
    found = {name: NamedList(name, options, "engine.toml") for name, options in of_file.items()}
    for one in of_graph:
        found[one.name] = NamedList(one.name, one.options or {}, "graph", one.at, one.who)
    return dict(sorted(found.items()))


def find(known: Mapping[str, NamedList], name: str) -> NamedList:
    """Return the list of a name.

    Raises:
        NotFound: There is none; the hint names those that there are.
    """
    if name in known:
        return known[name]
    there = f"there are {', '.join(known)}; " if known else ""
    raise NotFound(
        f"there is no list named {name}", hint=f"{there}engine lists set {name} --by for-you"
    )


def _request(name: str, options: Mapping[str, Any]) -> tuple[Question, Sources]:
    try:
        check_names(options, NamedListOptions, "a list has no option", "it has")
        given = dict(options)
        k = given.pop("k", DEFAULT_K)
        of_sources = {key: given.pop(key) for key in _OF_SOURCES if key in given}
        question = question_of(k, ListOptions(**given))  # type: ignore[typeddict-item]
        by = of_sources.get("by") or ("likes" if of_sources.get("likes") else "for-you")
        return question, Sources(
            by,
            of_sources.get("blend"),
            tuple(of_sources.get("fallback", ())),
            tuple(of_sources.get("likes", ())),
            of_sources.get("relation"),
            of_sources.get("rerank"),
        )
    except UsageError as error:
        hint = error.hint or "engine recommend --help lists the options"
        raise UsageError(f"the list {name}: {error.message}", hint=hint) from error
    except (AttributeError, TypeError, ValueError) as error:
        raise UsageError(
            f"the list {name}: an option has a value of the wrong kind: {error}",
            hint="docs/recommendations.md says what each is: k = 12, fallback = ['trending'], "
            "where = {category = ['tea']}",
        ) from error

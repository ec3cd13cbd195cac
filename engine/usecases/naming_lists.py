"""Give lists names, look what they stand for and who changed what, and ask for one by its name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.answering import named_lists as answering
from engine.answering.named_lists import NamedList, NamedListOptions
from engine.answering.named_lists import checked as checked_options
from engine.answering.sources import recommend
from engine.config import Settings
from engine.connections.session import open_graph
from engine.data.list_cursor import read_cursor
from engine.errors import NotFound
from engine.graph import stored_lists
from engine.graph.lists.recommendations import RecommendationList
from engine.graph.stored_lists import ListChange

__all__ = [
    "ListChange",
    "NamedList",
    "NamedListOptions",
    "check_file",
    "checked_options",
    "list_changes",
    "named_list_of",
    "named_lists",
    "names_of",
    "recommend_named",
    "remove_list",
    "set_list",
]


def named_lists(settings: Settings) -> list[NamedList]:
    """Return every named list, by name: those of the graph and those of engine.toml."""
    with open_graph(settings) as graph:
        known = answering.named_lists(settings.lists, stored_lists.current(graph))
    return list(known.values())


def named_list_of(settings: Settings, of_graph: list[ListChange], name: str) -> NamedList:
    """Return the list of a name, of what was read of the graph.

    Raises:
        NotFound: There is none.
    """
    return answering.find(answering.named_lists(settings.lists, of_graph), name)


def names_of(settings: Settings, of_graph: list[ListChange]) -> list[str]:
    """Return the names that lists have, in their order, of what was read of the graph."""
    return sorted(answering.named_lists(settings.lists, of_graph))


def check_file(settings: Settings) -> None:
    """Look at the lists that engine.toml names.

    Raises:
        UsageError: A name or an option is not allowed.
    """
    for name, options in settings.lists.items():
        checked_options(name, options)


def set_list(settings: Settings, name: str, checked: Mapping[str, Any]) -> ListChange:
    """Give a name to a list and its options, which ``checked_options`` returned."""
    with open_graph(settings) as graph:
        return stored_lists.change(graph, name, checked, _author())


def remove_list(settings: Settings, name: str) -> ListChange:
    """Take a name from the list that the graph gives it; one of engine.toml counts again.

    Raises:
        NotFound: The graph gives that name to none.
    """
    with open_graph(settings) as graph:
        if name not in {one.name for one in stored_lists.current(graph)}:
            hint = "take it out of engine.toml" if name in settings.lists else "engine lists"
            raise NotFound(f"the graph has no list named {name}", hint=hint)
        return stored_lists.change(graph, name, None, _author())


def list_changes(settings: Settings, name: str | None = None) -> list[ListChange]:
    """Return the changes of one name or of all, newest first.

    Raises:
        NotFound: Nothing of that name was ever changed.
    """
    with open_graph(settings) as graph:
        found = stored_lists.changes(graph, name)
    if name is not None and not found:
        raise NotFound(f"no list named {name} was ever set in the graph", hint="engine lists")
    return found


def recommend_named(
    settings: Settings,
    user: str | None,
    name: str,
    k: int | None = None,
    cursor: str | None = None,
) -> RecommendationList:
    """Return the list of a name for one user, or for nobody in particular.

    Raises:
        NotFound: There is no list of that name, or it cannot be made and nothing fills in.
        NotBuilt: It rests on a model or a graph that is not there yet.
        UsageError: It needs a user, or its options or the cursor are not allowed.
    """
    with open_graph(settings) as graph:
        one = named_list_of(settings, stored_lists.current(graph), name)
        question, sources = one.request(k)
        question = replace(question, listed=read_cursor(cursor))
        return recommend(graph, user, question, sources)


def _author() -> str:
    # SciPy comes with it, which asking for a list does not need.
    from engine.publishing.generations import author  # noqa: PLC0415

    return author()

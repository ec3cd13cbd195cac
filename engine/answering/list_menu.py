"""Which lists can be asked for, for whoever offers a choice of them."""

from dataclasses import dataclass

from engine.answering.sources import SOURCES, needs_user
from engine.data.list_names import OwnList
from engine.store.plugin_lists import FOLDER, PLUGIN_LISTS
from engine.store.statements import catalogue

_TITLES: dict[OwnList, str] = {
    "for-you": "For you",
    "because": "Because of what was had",
    "again": "Buy again",
    "next": "Next in sequence",
    "people": "People alike",
    "friends": "Friends",
    "trending": "Trending",
    "popular": "Popular",
    "likes": "For somebody new, by what they like",
}


@dataclass(frozen=True)
class ListChoice:
    """A list that can be asked for.

    Attributes:
        name: What ``Sources`` takes.
        title: What it lists, for people.
        needs: What must be given with it: ``user``, ``likes`` or nothing.
    """

    name: str
    title: str
    needs: tuple[str, ...]


def choices() -> list[ListChoice]:
    """Return the engine's own lists, then those of plug-ins whose Cypher can be used."""
    own = [ListChoice(name, title, _needs(name)) for name, title in _TITLES.items()]
    added = [
        ListChoice(name, PLUGIN_LISTS[name].summary, _needs(name))
        for name in SOURCES
        if name not in _TITLES and f"{FOLDER}/{name}" in catalogue()
    ]
    return own + added


def _needs(name: str) -> tuple[str, ...]:
    if name == "likes":
        return ("likes",)
    return ("user",) if needs_user(name) else ()

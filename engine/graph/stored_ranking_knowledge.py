"""Store with a generation what a ranker has to know of items and users (``cypher/generation``).

Properties are named as vectors are, and nothing takes them for attributes.
"""

from engine.data.progress_callbacks import CountProgress, no_count
from engine.data.vocabulary import Vocabulary
from engine.graph import embeddings
from engine.graph.embeddings import Label, property_name
from engine.ranking.ranking_knowledge import RankingKnowledge
from engine.store.graph_client import GraphClient

_ITEMS, _USERS = 5_000, 1_000
_OF_ITEMS = ("numbers", "together", "following")
_OF_USERS = ("people", "people_counts")


def write(
    client: GraphClient,
    generation: int,
    users: Vocabulary,
    items: Vocabulary,
    known: RankingKnowledge,
    report: CountProgress = no_count,
) -> int:
    """Store it, in the place of what is there; return how many items got theirs.

    Users and items that are no longer in the graph are left out.
    """
    slots = {name: _name(generation, name) for name in _OF_ITEMS}
    whole, written = len(items) + len(known.users), 0
    for start in range(0, len(items), _ITEMS):
        stop = min(start + _ITEMS, len(items))
        rows = [
            [
                items.ids[row],
                known.numbers[row],
                [items.ids[one] for one in known.together[row]],
                [items.ids[one] for one in known.following[row]],
            ]
            for row in range(start, stop)
        ]
        written += client.write("generation/write_item_numbers", slots, rows=rows)[0]["written"]
        report(stop, whole)
    for start in range(0, len(known.users), _USERS):
        stop = min(start + _USERS, len(known.users))
        named = [
            [
                users.ids[known.users[place]],
                [items.ids[one] for one in known.people[place]],
                known.people_counts[place],
            ]
            for place in range(start, stop)
        ]
        people = {name: _name(generation, name) for name in _OF_USERS}
        client.write("generation/write_people", people, rows=named)
        report(len(items) + stop, whole)
    popular = [items.ids[row] for row in known.popular]
    client.write("generation/write_ranking_popular", number=generation, popular=popular)
    return written


def names(generation: int) -> dict[str, str]:
    """Return the properties that hold it, as the slots of statements name them."""
    return {name: _name(generation, name) for name in (*_OF_ITEMS, *_OF_USERS)}


def remove(client: GraphClient, generation: int) -> None:
    """Remove all of it, in small transactions; nothing happens where there is nothing."""
    stored: tuple[tuple[Label, tuple[str, ...]], ...] = (
        ("Item", _OF_ITEMS),
        ("User", _OF_USERS),
    )
    for label, names in stored:
        for name in names:
            embeddings.remove_property(client, label, _name(generation, name))


def _name(generation: int, what: str) -> str:
    return f"{property_name(generation)}_{what}"

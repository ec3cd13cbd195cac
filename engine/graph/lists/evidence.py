"""What speaks for an item and a user beside shared facts, and the sentence it makes."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import NotFound
from engine.graph.lists.knowledge_paths import KnowledgePath
from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class Neighbour:
    """An own item of the user that is like the item, by the vectors or the edges in service.

    Attributes:
        cosine: Of the two vectors; where a filter serves, the weight of the edge to the item.
        share: Of all that own items add to the likeness, the newer the more.
        times: How often the user had it.
    """

    id: str
    name: str | None
    cosine: float
    share: float
    times: int


@dataclass(frozen=True)
class Joint:
    """An own item that is joined to the item, and how often: in baskets, or one after the other."""

    id: str
    name: str | None
    count: int


@dataclass(frozen=True)
class Evidence:
    """What speaks for an item.

    Attributes:
        events: How many events are on it.
        bought: How many of them are the user's own, of kinds that weigh something.
        alike: Own items that carry most of the score, the largest share first.
        together: The own item that shares most baskets with it, or None.
        after: The own item that it follows most often, or None.
        generation: The one in service, whose vectors tell what is alike; None: there is none.
    """

    user: str
    item: str
    name: str | None
    events: int
    bought: int
    alike: tuple[Neighbour, ...]
    together: Joint | None
    after: Joint | None
    generation: int | None = None

    @property
    def on_it(self) -> str:
        """How many events are on it, in words."""
        return _number(self.events, "event")

    def reason(self, paths: Sequence[KnowledgePath] = ()) -> str:
        """Return the strongest reason in a few words; empty where nothing joins item and user."""
        if self.bought:
            return f"had {_times(self.bought)}"
        if self.alike:
            own = self.alike[0]
            return f"like {own.name or own.id}"
        if paths:
            best = paths[0]
            return f"{best.entity_name or best.entity}, as {best.via_name or best.via}"
        if self.together:
            joint = self.together
            return f"in {_number(joint.count, 'basket')} with {joint.name or joint.id}"
        if self.after:
            return f"{_times(self.after.count)} after {self.after.name or self.after.id}"
        return ""

    def sentence(self, paths: Sequence[KnowledgePath] = ()) -> str:
        """Return why the item may suit the user, the strongest reasons first."""
        reasons = []
        if self.bought:
            reasons.append(f"{self.user} has had it {_times(self.bought)}")
        if self.alike:
            carried = sum(one.share for one in self.alike)
            named = _listed([one.name or one.id for one in self.alike])
            verb = "carries" if len(self.alike) == 1 else "carry"
            reasons.append(f"it is most like {named}, which {verb} {carried:.0%} of its score")
        if paths:
            best = paths[0]
            what = f"{best.type or 'entity'} {best.entity_name or best.entity}"
            reasons.append(f"it shares {what} with {best.via_name or best.via}")
        if self.together:
            joint = self.together
            baskets = _number(joint.count, "basket")
            reasons.append(f"it is in {baskets} with {joint.name or joint.id}")
        if self.after:
            joint = self.after
            reasons.append(f"it came {_times(joint.count)} after {joint.name or joint.id}")
        what = self.name or self.item
        if not reasons:
            events = f"{self.on_it} {'is' if self.events == 1 else 'are'} on it"
            return f"{what}: nothing joins it to {self.user}; {events}."
        return f"{what} for {self.user}: {'; '.join(reasons)}."


def evidence(client: GraphClient, user: str, item: str, k: int = 3) -> Evidence:
    """Return what speaks for an item.

    Raises:
        NotFound: There is no such user or item.
        UsageError: k is out of range.
    """
    row = client.ask("recommend/evidence", user=user, item=item, k=k)[0]
    for what, id_ in (("user", user), ("item", item)):
        if not row[what]:
            raise NotFound(f"there is no {what} {id_}", hint="ids are those of your files")
    return Evidence(
        user=user,
        item=item,
        name=row["name"],
        events=row["events"],
        bought=row["bought"],
        alike=tuple(Neighbour(**one) for one in row["alike"]),
        together=Joint(**row["together"]) if row["together"] else None,
        after=Joint(**row["after"]) if row["after"] else None,
        generation=row["generation"],
    )


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

"""Triples: events and facts alike as (head, relation, tail).

An event of a kind is a relation from users to items, so what people did and what is known stand in
one list.
"""

from dataclasses import dataclass

import numpy as np

from engine.data.arrays import Int64Array
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData


@dataclass(frozen=True, eq=False)
class Triples:
    """Triples in the order of relation, head and tail; none is there twice.

    Nodes are numbered as in ``Knowledge``: users, then items, then entities. Relations are the
    kinds of event, then those of the facts.

    Attributes:
        n_users: Nodes before the first item.
        n_items: Nodes between the users and the first entity.
        n_entities: Nodes after the items.
        kinds: Kinds of event.
        facts: Relations of the facts.
        head: ``(n,) int64`` positions.
        relation: ``(n,) int64`` rows of ``kinds + facts``.
        tail: ``(n,) int64`` positions.
        at: ``(n,) int64`` epoch milliseconds of the newest event; 0 for a fact, and for an event
            without a time.
    """

    n_users: int
    n_items: int
    n_entities: int
    kinds: tuple[str, ...]
    facts: tuple[str, ...]
    head: Int64Array
    relation: Int64Array
    tail: Int64Array
    at: Int64Array

    @classmethod
    def of(cls, material: TrainingData, *, facts: bool = True) -> "Triples":
        """Put events and, where they are asked for and were pulled, facts into one list."""
        events, knowledge = material.events, material.knowledge if facts else None
        of_events = _of_events(events)
        if knowledge is None:
            return cls(events.n_users, events.n_items, 0, events.events, (), *of_events)
        relation = knowledge.relation + len(events.events)
        of_facts = np.stack((knowledge.head, relation, knowledge.tail, 0 * knowledge.head))
        return cls(
            knowledge.n_users,
            knowledge.n_items,
            len(knowledge.entities),
            events.events,
            knowledge.relations,
            *np.concatenate((of_events, of_facts), axis=1),
        )

    def __len__(self) -> int:
        return len(self.head)

    @property
    def n_nodes(self) -> int:
        """Users, items and entities together."""
        return self.n_users + self.n_items + self.n_entities

    @property
    def n_relations(self) -> int:
        """Kinds of event and relations of facts together."""
        return len(self.kinds) + len(self.facts)

    @property
    def starts(self) -> tuple[int, int]:
        """Positions of the first item and of the first entity."""
        return self.n_users, self.n_users + self.n_items

    def label_of(self, nodes: Int64Array) -> Int64Array:
        """Return 0 for users, 1 for items and 2 for entities."""
        return np.searchsorted(self.starts, nodes, side="right").astype(np.int64)

    def degrees(self) -> Int64Array:
        """Return of how many triples each node is an end, ``(n_nodes,) int64``."""
        ends = np.concatenate((self.head, self.tail))
        return np.bincount(ends, minlength=self.n_nodes).astype(np.int64)

    def kind_counts(self) -> Int64Array:
        """Return the number of triples of each kind of event, ``(len(kinds),) int64``."""
        counts = np.bincount(self.relation, minlength=self.n_relations)
        return counts[: len(self.kinds)].astype(np.int64)


def _of_events(events: Interactions) -> Int64Array:
    """Return head, relation, tail and newest time of every (kind, user, item), ``(4, n)``."""
    order = np.lexsort((events.at, events.item, events.user, events.event))
    columns = (events.user, events.event, events.item, events.at)
    user, event, item, at = (column[order].astype(np.int64) for column in columns)
    other = (np.diff(user) != 0) | (np.diff(event) != 0) | (np.diff(item) != 0)
    newest = np.append(other, True)[: len(user)]
    return np.stack((user, event, item + events.n_users, at))[:, newest]

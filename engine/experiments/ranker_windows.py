"""What a ranker learns from and is judged by: candidates as they were at past moments.

The vectors of a model that has seen nothing of these moments are in the graph as a generation that
never serves, with what was known at each moment beside them, and the query that serves a ranker is
asked about the past. So a row that is learned from and a row that is served come from one text.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.arrays import Float32Array, Int32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.kind_weights import KindWeights
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.rules import Rules
from engine.evaluation.protocols import cuts
from engine.evaluation.ranked_score import RankedCandidates
from engine.graph import stored_ranking_knowledge
from engine.graph.known_events import KnownEvents
from engine.graph.lists.candidate_query import AskedCandidates, ask_candidates
from engine.graph.pulling import pull
from engine.publishing.hidden_generation import hidden_generation
from engine.ranking.candidate_features import FEATURES, features
from engine.ranking.counted_knowledge import knowledge
from engine.ranking.ranker import LabelledCandidates, Ranker
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.training.checkpoint import TrainedModel

_USERS_PER_QUERY, _AT_ONCE = 25, 2
_ANY = Rules(exclude_seen=False)


@dataclass(frozen=True, eq=False)
class PastCandidates:
    """Candidates of some users at one moment.

    Attributes:
        users: ``(n,) int64`` rows of the users of the events, equal ones side by side.
        items: ``(n,) int64`` rows of the items.
        features: ``(n, len(FEATURES)) float32``.
    """

    users: Int64Array
    items: Int64Array
    features: Float32Array

    def labelled(self, later: Interactions) -> LabelledCandidates:
        """Return them with those marked that their users took later."""
        taken = np.unique(later.user.astype(np.int64) * later.n_items + later.item)
        right = np.isin(self.users * later.n_items + self.items, taken)
        return LabelledCandidates(self.users, self.features, right)


class PastQuestions:
    """Asks a hidden generation about past moments.

    Args:
        graph: Where it is.
        number: Of the generation.
        known: All events; those after a moment do not count at it.
        groups: ``(n_items, GROUPS) int32`` of the items.
        report: Called with a stage, how much of it is done, and how much there is.
        indexed: Whether the generation has a vector index; a filter has edges instead.
    """

    def __init__(
        self,
        graph: GraphClient,
        number: int,
        known: KnownEvents,
        groups: Int32Array,
        report: StageProgress = no_stage,
        indexed: bool = True,
    ) -> None:
        self._graph, self._number, self._known, self._indexed = graph, number, known, indexed
        self._groups, self._report = groups, report
        self._rows_of = self._aligned(*pull.pull_items(graph))

    def know(self, as_of: int, users: Int64Array) -> None:
        """Store what was known at a moment, in the place of what is stored.

        Args:
            as_of: Epoch milliseconds.
            users: Rows of those who are asked for next.
        """
        self._report("counting what was known", 0, 1)
        known, events = self._known, self._known.events
        found = knowledge(events, known.baskets, self._groups, as_of, users)
        stored_ranking_knowledge.write(
            self._graph,
            self._number,
            events.users,
            events.items,
            found,
            lambda n, m: self._report("writing what was known", n, m),
        )

    def ask(self, users: Int64Array, cut: int) -> PastCandidates:
        """Return the candidates of users as they were when nothing had happened from a cut on.

        Args:
            users: Rows.
            cut: Epoch milliseconds.
        """
        parts = [users[at : at + _USERS_PER_QUERY] for at in range(0, len(users), _USERS_PER_QUERY)]
        names = self._known.events.users.ids

        def ask(rows: Int64Array) -> AskedCandidates:
            ids = [names[row] for row in rows]
            return ask_candidates(
                self._graph, ids, _ANY, self._number, as_of=cut - 1, indexed=self._indexed
            )

        nothing = np.zeros(0, dtype=np.int64)
        user, item = [nothing], [nothing]
        matrix = [np.zeros((0, len(FEATURES)), dtype=np.float32)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for done, (rows, asked) in enumerate(zip(parts, pool.map(ask, parts), strict=True), 1):
                may = asked.shown
                user.append(rows[asked.table.user[may]])
                # What arrived after the items were numbered may have any number.
                rows_of = self._rows_of[np.minimum(asked.nodes, len(self._rows_of) - 1)]
                item.append(rows_of[asked.table.item[may]])
                matrix.append(features(asked.table)[may])
                stop = min(done * _USERS_PER_QUERY, len(users))
                self._report("asking for candidates", stop, len(users))
        found = PastCandidates(np.concatenate(user), np.concatenate(item), np.concatenate(matrix))
        there = found.items >= 0  # what arrived after the events were pulled has no row
        return PastCandidates(found.users[there], found.items[there], found.features[there])

    def _aligned(self, items: Any, rows: Int32Array) -> Int64Array:
        """Return a table from node numbers to rows of the events, -1 for none."""
        own = self._known.events.items.positions(items.ids)
        table: Int64Array = np.append(own, -1)[rows]
        return table


def active_users(events: Interactions, cut: int, days: int) -> Int64Array:
    """Return the rows of users with events before a cut and in its window."""
    before = np.unique(events.user[events.at < cut])
    return np.intersect1d(before, events.user[cuts.within(events.at, cut, days)]).astype(np.int64)


def ranked_candidates(
    stores: tuple[GraphClient, Registry],
    known: KnownEvents,
    model: TrainedModel,
    ranker: Ranker,
    moment: tuple[int, int],
    users: Int64Array,
    report: StageProgress = no_stage,
) -> RankedCandidates:
    """Return what a ranker makes of the candidates of users at a moment.

    Args:
        stores: The graph and the registry.
        known: All events.
        model: Whose vectors are asked; it has seen nothing of what is judged.
        ranker: Puts the candidates in order.
        moment: Epoch milliseconds up to which counts and lists of the generation are stored, and
            from which on nothing has happened: what users did between is known all the same.
        users: Rows of the events.
        report: Called with a stage, how much of it is done, and how much there is.
    """
    graph, registry = stores
    until, cut = moment
    kinds = KindWeights.of(known.events)
    with hidden_generation(graph, registry, model, report, kinds) as number:
        groups = known.groups(ranker.groups)
        asking = PastQuestions(graph, number, known, groups, report, model.edges is None)
        asking.know(until, users)
        found = asking.ask(users, cut)
    return RankedCandidates(found.users, found.items, ranker.score(found.features))

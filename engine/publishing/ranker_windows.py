"""What a ranker learns from: candidates as they were at past moments, and what was taken then.

The vectors of a model that has seen nothing of these moments are published as a generation that
never serves, with what was known at each moment beside them; the query that serves a ranker is
asked about the past, and the generation is removed. So a row that is learned from and a row that is
served come from one text.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from engine.data.arrays import Float32Array, Int32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.rules import Rules
from engine.evaluation.protocols import cuts
from engine.graph import embeddings, ranking_knowledge, stored_generations, vector_index
from engine.graph.lists.candidates import AskedCandidates, ask_candidates
from engine.graph.pulling import pull
from engine.publishing import generations
from engine.ranking.features import features
from engine.ranking.knowledge import knowledge
from engine.ranking.ranker import LabelledCandidates
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

_INDEX = vector_index.IndexSettings(m=16, ef_construction=100)
_USERS_PER_QUERY, _AT_ONCE = 25, 2
_ANY = Rules(exclude_seen=False)


@dataclass(frozen=True, eq=False)
class KnownEvents:
    """Events of the graph, and what rankers need beside them.

    Attributes:
        events: All of them.
        baskets: ``(n,) int64``, the number of the basket of each.
        groups: ``(n_items, GROUPS) int32``: values of grouping attributes.
    """

    events: Interactions
    baskets: Int64Array
    groups: Int32Array


@dataclass(frozen=True, eq=False)
class WindowRows:
    """Candidates of one window.

    Attributes:
        cut: When it begins, epoch milliseconds.
        users: ``(n,) int64`` rows of the users of the events.
        items: ``(n,) int64`` rows of the items.
        labelled: Their features, and which were taken.
    """

    cut: int
    users: Int64Array
    items: Int64Array
    labelled: LabelledCandidates


def window_rows(
    graph: GraphClient,
    registry: Registry,
    known: KnownEvents,
    vectors: tuple[Float32Array, Float32Array],
    windows: Sequence[tuple[int, int]],
    report: StageProgress = no_stage,
) -> Iterator[WindowRows]:
    """Yield the candidates of each window, of the users that did something in it.

    Args:
        graph: Where the candidates come from.
        registry: Where numbers of generations are taken.
        known: The events.
        vectors: Of the users and of the items, as they would be served by cosine, by a model that
            has seen nothing of the windows.
        windows: Cut in epoch milliseconds, and days.
        report: Called with a stage, how much of it is done, and how much there is.
    """
    number = generations.create_candidate(graph, registry, "ranker windows")
    try:
        users, items = known.events.users, known.events.items
        for label, ids, own in (("User", users, vectors[0]), ("Item", items, vectors[1])):
            embeddings.write(graph, label, number, ids, own)  # type: ignore[arg-type]
        vector_index.build(graph, "Item", number, vectors[1].shape[1], _INDEX)
        rows_of = pull.pull_items(graph)[1]
        for cut, days in windows:
            now = knowledge(known.events, known.baskets, known.groups, cut - 1)
            ranking_knowledge.write(graph, number, users, items, now)
            yield _rows(graph, number, known.events, rows_of, (cut, days), report)
    finally:
        stored_generations.remove(graph, number)


def _rows(
    graph: GraphClient,
    number: int,
    events: Interactions,
    rows_of: Int32Array,
    window: tuple[int, int],
    report: StageProgress,
) -> WindowRows:
    cut, days = window
    later = cuts.within(events.at, cut, days)
    active = np.unique(events.user[later]).astype(np.int64)
    taken = np.unique(events.user[later].astype(np.int64) * events.n_items + events.item[later])
    parts = [active[at : at + _USERS_PER_QUERY] for at in range(0, len(active), _USERS_PER_QUERY)]

    def ask(rows: Int64Array) -> AskedCandidates:
        ids = [events.users.ids[row] for row in rows]
        return ask_candidates(graph, ids, _ANY, number, as_of=cut - 1)

    user, item, matrix = [], [], []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for rows, asked in zip(parts, pool.map(ask, parts), strict=True):
            may = asked.shown
            user.append(rows[asked.table.user[may]])
            item.append(rows_of[asked.nodes][asked.table.item[may]].astype(np.int64))
            matrix.append(features(asked.table)[may])
            report("asking for candidates", sum(map(len, user)), 0)
    users, items = np.concatenate(user), np.concatenate(item)
    right = np.isin(users * events.n_items + items, taken)
    return WindowRows(cut, users, items, LabelledCandidates(users, np.concatenate(matrix), right))

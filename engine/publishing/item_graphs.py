"""Build the graphs between items: bought together, what comes next, similar.

A build counts every event again and writes only what differs from what is there, so it is
incremental in what it writes, and always equal to a build from scratch.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from engine.data import baskets, item_edges
from engine.data.baskets import Unit
from engine.data.item_edges import ItemEdges
from engine.data.kind_weights import EQUAL, KindWeights
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.signals import EventWeights
from engine.data.whole_numbers import check_whole
from engine.errors import EngineError, NotFound, UsageError
from engine.graph import census, derived_item_graphs
from engine.graph.derived_item_graphs import GraphName, ItemNodes
from engine.graph.pulling import pull
from engine.store.graph_client import GraphClient

_MINUTE_MS = 60_000
COUNTED: tuple[GraphName, ...] = ("co-occurrence", "sequential")
"""Those that are counted from events, and are built again when events go."""


@dataclass(frozen=True)
class BuildRequest:
    """What to build a graph from.

    Attributes:
        graph: Which one.
        top: Most edges of an item.
        min_count: Co-occurrence: pairs in fewer baskets are left out.
        max_basket: A basket of more items is sampled.
        unit: What a basket is: see ``engine.data.baskets``.
        session_gap_minutes: A session ends when nothing happens for so long.
        window: Sequential: how many steps on an item still follows.
        weights: How much an event counts.
    """

    graph: GraphName
    top: int = 30
    min_count: int = 2
    max_basket: int = 500
    unit: Unit = "basket"
    session_gap_minutes: float = 30.0
    window: int = 1
    weights: EventWeights = field(default_factory=EventWeights)

    def __post_init__(self) -> None:
        """Refuse what has no meaning.

        Raises:
            UsageError: A number is out of range.
        """
        if self.graph not in derived_item_graphs.RELATIONS:
            raise UsageError(
                f"there is no graph {self.graph}", hint=", ".join(derived_item_graphs.RELATIONS)
            )
        if self.unit not in baskets.UNITS:
            raise UsageError(f"unit must be one of {', '.join(baskets.UNITS)}, not {self.unit!r}")
        for name, most in (("top", 1_000), ("min_count", 10**9), ("max_basket", 10_000)):
            _whole(name, getattr(self, name), most)
        _whole("window", self.window, 100)
        if not 0 < self.session_gap_minutes < float("inf"):
            raise UsageError(
                f"session_gap must be minutes above 0, not {self.session_gap_minutes:g}",
                hint="such as 30",
            )


@dataclass(frozen=True)
class BuildReport:
    """What a build found and did.

    Attributes:
        graph: Its name.
        relation: Type of the edges.
        source: What the edges come from: ``events``, or the generation whose vectors they are.
        edges: Edges there are now.
        unchanged: Those that were right already.
        written: Those created or corrected.
        removed: Edges that are no more.
        baskets: Baskets counted, None where none were.
        counted_by: What stands for a basket, in words; empty where none were counted.
        capped_baskets: Baskets larger than allowed, of which a sample was taken.
        left_out: Items that were not in those samples, all baskets together.
        full_items: Items with as many edges as one may have.
        seconds: How long it took.
    """

    graph: str
    relation: str
    source: str
    edges: int
    unchanged: int
    written: int
    removed: int
    baskets: int | None
    capped_baskets: int
    left_out: int
    full_items: int
    seconds: float
    counted_by: str = ""

    def note(self) -> str | None:
        """Say what a basket was, what was capped, or that nothing came out."""
        notes = [self.counted_by] if self.counted_by else []
        if not self.edges:
            advice = " Try --min-count 1, or a longer --session-gap."
            known = self.graph == "co-occurrence"
            notes.append(f"No two items are joined.{advice if known else ''}")
        elif self.capped_baskets:
            notes.append(
                f"{self.capped_baskets} baskets were too large and were sampled: {self.left_out} "
                "items of them were not counted (--max-basket)."
            )
        return " ".join(notes) or None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {"note": self.note()}


@dataclass(frozen=True)
class _Made:
    edges: ItemEdges
    source: str
    capped: int = 0
    left_out: int = 0
    counted_by: str = ""


def rebuild(
    graph: GraphClient, names: Sequence[str], kinds: KindWeights, report: StageProgress = no_stage
) -> dict[str, int | str]:
    """Build again those of some graphs between items that were ever built, as they were built.

    What kinds weigh that they were not built with is what it is now.

    Returns:
        Name to the number of its edges, or to why it could not be built.
    """
    done: dict[str, int | str] = {}
    for stored in derived_item_graphs.graphs(graph):
        if stored.name not in names or not stored.settings:
            continue
        given = dict(stored.settings)
        request = BuildRequest(**given | {"weights": EventWeights(**given["weights"])})
        report(f"building {stored.name}", 0, 1)
        try:
            done[stored.name] = build(graph, request, kinds=kinds).edges
        except EngineError as error:  # lists of vectors do not wait for it
            done[stored.name] = error.message
    return done


def build(
    client: GraphClient,
    request: BuildRequest,
    report: StageProgress = no_stage,
    kinds: KindWeights = EQUAL,
) -> BuildReport:
    """Build a graph between items, or bring it up to date; cut off, the same call finishes it.

    Args:
        client: The graph.
        request: What to build, and from what.
        report: Called with a stage, how much of it is done, and how much there is.
        kinds: What kinds of event weigh that the request does not name.

    Raises:
        NotFound: There are no events to build from.
        UsageError: A kind of event is named that does not exist.
        Busy: Another build of the graph began meanwhile.
    """
    began = time.monotonic()
    items = ItemNodes(*pull.pull_items(client))
    if request.graph == "similarity":
        made = _similar(client, items, request, report, kinds)
    else:
        made = _counted(client, items, request, report, kinds)
    token = derived_item_graphs.begin(client, request.graph)
    change = derived_item_graphs.update(
        client,
        request.graph,
        token,
        items,
        made.edges,
        lambda done, of: report("writing edges", done, of),
    )
    derived_item_graphs.finish(client, request.graph, token, made.edges, asdict(request))
    edges = made.edges
    return BuildReport(
        graph=request.graph,
        relation=derived_item_graphs.RELATIONS[request.graph],
        source=made.source,
        edges=len(edges),
        **asdict(change),
        baskets=edges.baskets,
        capped_baskets=made.capped,
        left_out=made.left_out,
        full_items=int(np.sum(np.bincount(edges.item, minlength=1) == request.top)),
        seconds=time.monotonic() - began,
        counted_by=made.counted_by,
    )


def _similar(
    client: GraphClient,
    items: ItemNodes,
    request: BuildRequest,
    report: StageProgress,
    kinds: KindWeights,
) -> _Made:
    """Compare the vectors in service; where there are none, who used the items."""
    generation = census.serving_generation(client)
    vectors = (
        None if generation is None else derived_item_graphs.item_vectors(client, items, generation)
    )
    if vectors is None or not vectors.any():  # a plain method in service has none either
        asked = replace(request, unit="user", min_count=1)
        made = _counted(client, items, asked, report, kinds)
        values = {"score": made.edges.values["score"]}
        edges = replace(made.edges, values=values, baskets=None)
        return replace(made, edges=edges, counted_by="")
    found = item_edges.nearest(vectors, items.ids, request.top)
    values = {**found.values, "generation": np.full(len(found), generation, dtype=np.int64)}
    return _Made(replace(found, values=values), f"generation {generation}")


def _counted(
    client: GraphClient,
    items: ItemNodes,
    request: BuildRequest,
    report: StageProgress,
    kinds: KindWeights,
) -> _Made:
    """Count what was together, or what followed."""
    others = kinds.without(request.weights.kinds)
    known, named = pull.pull_baskets(client, partial(report, "reading users"), others)
    if not len(known):
        raise NotFound("there are no events to build a graph from", hint="engine ingest FILE")
    weights = request.weights.of(known)
    sequential = request.graph == "sequential"
    # An item's step in a history is its basket, or the moment: no more is known about the order.
    gap = 1 if sequential else int(request.session_gap_minutes * _MINUTE_MS)
    basket = baskets.basket_of(known, named, "basket" if sequential else request.unit, gap)
    filled = baskets.fill(known, basket, weights, request.max_basket)
    edges = (
        item_edges.sequence(known, filled, basket, request.top, request.window)
        if sequential
        else item_edges.co_occurrence(filled, known.items, request.top, request.min_count)
    )
    counted_by = (
        ""
        if sequential
        else baskets.described(known, named, request.unit, request.session_gap_minutes)
    )
    numbered = _as_numbered(edges, known.items.ids, items)
    return _Made(numbered, "events", filled.capped, filled.left_out, counted_by)


def _as_numbered(edges: ItemEdges, ids: tuple[str, ...], items: ItemNodes) -> ItemEdges:
    """Number items as ``items`` does: one may have come between the two pulls."""
    if ids == items.ids.ids:
        return edges
    rows = items.ids.positions(ids).astype(np.int32)
    known = (rows[edges.item] >= 0) & (rows[edges.other] >= 0)
    return replace(
        edges,
        item=rows[edges.item][known],
        other=rows[edges.other][known],
        values={name: column[known] for name, column in edges.values.items()},
    )


def _whole(name: str, value: object, most: int) -> None:
    check_whole(name, value, 1, most, "see its default: engine graph build co-occurrence --help")

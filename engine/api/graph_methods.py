"""The graph itself: what it holds, samples and named queries of it, graphs between items."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.api.engine_session import EngineSession
from engine.api.ids import Identifier, id_texts
from engine.data.tabular import Records

if TYPE_CHECKING:
    from engine.usecases.graph_methods import (
        BuildReport,
        ContentIndex,
        GraphName,
        QueryResult,
        Ranks,
        SampledEdge,
        SamplingMethod,
        Statement,
        StoredGraph,
        Unit,
    )
    from engine.usecases.status import EngineStatus


class GraphMethods(EngineSession):
    """The part of ``Engine`` that asks the graph, and builds what lists rest on."""

    def status(self) -> "EngineStatus":
        """Count what the graph holds, and say how fresh it is.

        >>> e.status().users > 0
        True
        """
        from engine.usecases.status import read_status

        self._hold_graph()
        return read_status(self.settings)

    def sample(
        self,
        seeds: Sequence[Identifier],
        fanout: Sequence[int] = (10, 5),
        *,
        label: str = "User",
        relation: str = "INTERACTED",
        reached: str = "Item",
        how: "SamplingMethod" = "uniform",
    ) -> "Records[SampledEdge]":
        """Draw a neighbourhood by Cypher: each hop starts at what the last one came to.

        Hops lead from ``label`` to ``reached`` and back by turns; the server draws, without a seed.

        >>> edges = e.sample(["alice"], [2, 1])
        >>> sorted(edges.to_polars().columns)
        ['at', 'hop', 'source', 'target', 'weight']

        Args:
            seeds: Ids of nodes of ``label``.
            fanout: Edges for a node at most, 1 to 1000, in each hop.
            label: Of the seeds.
            relation: What is followed, in either direction.
            reached: Label of what the first hop comes to.
            how: ``uniform``, ``weighted``, ``replacement`` or ``recent``.

        Raises:
            NotFound: There is no node of an id.
            UsageError: A name is not in the graph, or a number is out of range.
        """
        from engine.usecases.graph_methods import sample

        self._hold_graph()
        labels = (label, reached)
        return Records(
            sample(self.settings, id_texts("seeds", seeds), fanout, relation, labels, how)
        )

    def query(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        write: bool = False,
        **more: Any,
    ) -> "QueryResult":
        """Run a query of the catalogue, a Cypher file, by name.

        >>> e.query("jaccard", one="green-tea", k=2).columns
        ('id', 'score', 'common')

        Args:
            name: As ``queries`` names it; the last part is enough where one alone has it.
            params: Its parameters, and its names of labels and types.
            limit: Records to return at most; None: all.
            write: Allow a query that writes.
            more: Parameters by name.

        Raises:
            NotFound: There is no such query, or no node of an id.
            UsageError: A value is missing, unknown or not allowed.
        """
        from engine.usecases.graph_methods import check_query, run_query

        given = {**(params or {}), **more}
        check_query(name, given, write=write)
        self._hold_graph()
        return run_query(self.settings, name, given, limit=limit, write=write)

    def queries(self, *, everything: bool = False) -> "Records[Statement]":
        """Return the graph methods, or every file of the catalogue; needs no database."""
        from engine.usecases.graph_methods import list_queries

        return Records(list_queries(everything=everything))

    def find_query(self, name: str) -> "Statement":
        """Return a file of the catalogue by name; needs no database.

        Raises:
            NotFound: There is no such query; the hint names those that sound like it.
        """
        from engine.usecases.graph_methods import find_query

        return find_query(name)

    def describe_query(self, name: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return what a query takes and returns, and its text for Neo4j Browser, as plain values.

        Raises:
            NotFound: There is no such query.
            UsageError: A value is unknown or not allowed.
        """
        from engine.usecases.graph_methods import describe_query, find_query

        return describe_query(find_query(name), params or {})

    def build_graph(
        self,
        graph: "GraphName",
        *,
        unit: "Unit" = "basket",
        top: int = 30,
        min_count: int = 2,
        max_basket: int = 500,
        session_gap_minutes: float = 30.0,
        window: int = 1,
        weights: Mapping[str, float] | None = None,
        half_life_days: float | None = None,
    ) -> "BuildReport":
        """Build a graph between items, or bring it up to date; only what changed is rewritten.

        Args:
            graph: ``co-occurrence``: bought together. ``sequential``: what comes next.
                ``similarity``: neighbours by the vectors in service.
            unit: Together in what: ``basket``, ``session`` or ``user``.
            top: Most neighbours of an item.
            min_count: Leave out pairs in fewer baskets.
            max_basket: A larger basket is sampled.
            session_gap_minutes: Minutes without events that end a session.
            window: How many baskets or moments on still count as next.
            weights: Kind of event to a factor, instead of that of [events] of engine.toml.
            half_life_days: Age at which events halve; None: never.

        Raises:
            NotFound: There are no events to build from.
            UsageError: A kind of event is named that does not exist.
            Busy: Another build of the graph began meanwhile.
        """
        from engine.usecases.graph_methods import BuildRequest, EventWeights, build_item_graph

        request = BuildRequest(
            graph=graph,
            unit=unit,
            top=top,
            min_count=min_count,
            max_basket=max_basket,
            session_gap_minutes=session_gap_minutes,
            window=window,
            weights=EventWeights(dict(weights or {}), half_life_days),
        )
        self._hold_graph()
        with self._reporting() as progress:
            progress.update(graph)
            return build_item_graph(
                self.settings,
                request,
                lambda doing, at, of: progress.update(f"{graph}, {doing}", at, of),
            )

    def build_content_indexes(self) -> "Records[ContentIndex]":
        """Build an index of each attribute of items that is a vector, for lists by content.

        Raises:
            NotFound: No item has any.
            DataError: Vectors of one attribute have several lengths.
        """
        from engine.usecases.graph_methods import build_content_indexes

        self._hold_graph()
        with self._reporting() as progress:
            return Records(build_content_indexes(self.settings, progress.update))

    def item_graphs(self) -> "Records[StoredGraph]":
        """Return the graphs between items that were ever built, and whether each is whole."""
        from engine.usecases.graph_methods import list_item_graphs

        self._hold_graph()
        return Records(list_item_graphs(self.settings))

    def pagerank(
        self,
        edges: Sequence[str] = (),
        *,
        damping: float = 0.85,
        weight: str | None = None,
        restart: Sequence[tuple[str, str]] = (),
        top: int = 10,
        label: str | None = None,
        write: str | None = None,
    ) -> "Ranks":
        """Rank nodes by PageRank over edges of some kinds, both ways.

        Args:
            edges: Kinds of edges such as ``User-INTERACTED-Item``; none: that one.
            damping: Chance to follow an edge.
            weight: Property that weighs an edge.
            restart: (label, id) of nodes to restart at; none: anywhere.
            top: How many nodes are returned.
            label: Of which label; None: of all that the edges join.
            write: Property that takes the score of every node.

        Raises:
            UsageError: A text is no kind of edges, or the graph does not have it.
        """
        from engine.usecases.graph_methods import PageRankOptions, rank_nodes

        options = PageRankOptions(damping=damping, weight=weight, restart=tuple(restart))
        self._hold_graph()
        return rank_nodes(self.settings, options, edges=edges, top=top, label=label, write=write)

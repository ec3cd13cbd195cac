// purpose: Walk at random from one node without going back in time: a step draws evenly among the
//   edges that are not earlier than the one before, nor later by more than window milliseconds. An
//   edge without a moment is from 1970.
// mode: read
// params: start: STRING of label, walks: INTEGER = 10 in 1..10000, length: INTEGER = 20 in
//   1..1000, window: INTEGER = null in 0..
// columns: walk: INTEGER, ids: LIST<STRING>, at: LIST<INTEGER>
// idents: label: label = User, relation: relation = INTERACTED
// complexity: walks * length times the edges of the nodes met
// source: Nguyen et al. 2018, Continuous-Time Dynamic Network Embeddings, section 3
MATCH (start:`$label` {id: $start})
UNWIND range(1, $walks) AS walk
CALL (start, walk) {
  RETURN reduce(path = [{node: start, at: null}], step IN range(1, $length - 1) | path + CASE
    // A walk that found no edge has ended.
    WHEN size(path) < step THEN []
    ELSE COLLECT {
      WITH path[-1].node AS node, path[-1].at AS before
      MATCH (node)-[edge:`$relation`]-(next)
      WITH next, coalesce(edge.at, 0) AS at, before
      WHERE before IS NULL OR (at >= before AND ($window IS NULL OR at <= before + $window))
      RETURN {node: next, at: at} ORDER BY rand() LIMIT 1
    }
  END) AS path
}
RETURN walk, [place IN path | place.node.id] AS ids, [place IN path | place.at] AS at
ORDER BY walk

// purpose: Walk at random from one node: a step draws among its edges by their weights, in either
//   direction; an edge without a weight has 1. With the probability restart it leads back to the
//   start instead.
// mode: read
// params: start: STRING of label, walks: INTEGER = 10 in 1..10000, length: INTEGER = 20 in
//   1..1000, restart: FLOAT = 0.0 in 0..1
// columns: walk: INTEGER, ids: LIST<STRING>
// idents: label: label = User, relation: relation = INTERACTED, weight: property = weight
// complexity: walks * length times the edges of the nodes met
// source: Efraimidis and Spirakis 2006, Weighted random sampling with a reservoir
MATCH (start:`$label` {id: $start})
UNWIND range(1, $walks) AS walk
CALL (start, walk) {
  RETURN reduce(path = [start], step IN range(1, $length - 1) | path + CASE
    // A walk that found no edge has ended.
    WHEN size(path) < step THEN []
    WHEN rand() < $restart THEN [start]
    ELSE COLLECT {
      WITH path[-1] AS node
      MATCH (node)-[edge:`$relation`]-(next)
      WITH next, coalesce(edge.`$weight`, 1.0) AS weight WHERE weight > 0
      // The first of clocks that ring at random, each as often as its edge weighs: an exact draw.
      RETURN next ORDER BY -log(1.0 - rand()) / weight LIMIT 1
    }
  END) AS path
}
RETURN walk, [node IN path | node.id] AS ids
ORDER BY walk

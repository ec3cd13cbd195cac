// purpose: Walk from one node as node2vec does: an edge weighs 1/p where it leads back to the node
//   before, 1 where to a neighbour of that, 1/q elsewhere; times its own weight, where weighted.
//   In either direction, parallel edges as one.
// mode: read
// params: start: STRING of label, walks: INTEGER = 10 in 1..10000, length: INTEGER = 20 in
//   1..1000, p: FLOAT = 1.0 in 0.001..1000, q: FLOAT = 1.0 in 0.001..1000, weighted: BOOLEAN =
//   false
// columns: walk: INTEGER, ids: LIST<STRING>
// idents: label: label = User, relation: relation = INTERACTED, weight: property = weight
// complexity: walks * length times the edges of the nodes met, for each of which an edge is looked
//   up
// source: Grover and Leskovec 2016, node2vec: Scalable Feature Learning for Networks, section 3.2
MATCH (start:`$label` {id: $start})
UNWIND range(1, $walks) AS walk
CALL (start, walk) {
  RETURN reduce(path = [start], step IN range(1, $length - 1) | path + CASE
    // A walk that found no edge has ended.
    WHEN size(path) < step THEN []
    ELSE COLLECT {
      WITH path[-1] AS node, path[-2] AS before
      MATCH (node)-[edge:`$relation`]-(next)
      // Parallel edges count as one; weighted, each has a clock, which comes to the sum.
      WITH DISTINCT before, next, CASE WHEN $weighted THEN edge END AS edge
      // Not EXISTS: 5.26 stumbles over one this deep.
      OPTIONAL MATCH (before)-[back:`$relation`]-(next)
      WITH DISTINCT before, next, edge, back IS NOT NULL AS near
      WITH next, coalesce(edge.`$weight`, 1.0) * CASE
        WHEN before IS NULL THEN 1.0
        WHEN next = before THEN 1.0 / $p
        WHEN near THEN 1.0
        ELSE 1.0 / $q
      END AS weight
      WHERE weight > 0
      // The first of clocks that ring at random, each as often as its edge weighs: an exact draw.
      RETURN next ORDER BY -log(1.0 - rand()) / weight LIMIT 1
    }
  END) AS path
}
RETURN walk, [node IN path | node.id] AS ids
ORDER BY walk

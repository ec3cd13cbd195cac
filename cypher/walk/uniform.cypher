// purpose: Walk at random from one node: a step draws evenly among its neighbours, in either
//   direction, parallel edges counted once. With the probability restart it leads back to the
//   start instead.
// mode: read
// params: start: STRING of label, walks: INTEGER = 10 in 1..10000, length: INTEGER = 20 in
//   1..1000, restart: FLOAT = 0.0 in 0..1
// columns: walk: INTEGER, ids: LIST<STRING>
// idents: label: label = User, relation: relation = INTERACTED
// complexity: walks * length times the edges of the nodes met
// source: Tong, Faloutsos and Pan 2006, Fast random walk with restart and its applications
MATCH (start:`$label` {id: $start})
UNWIND range(1, $walks) AS walk
CALL (start, walk) {
  RETURN reduce(path = [start], step IN range(1, $length - 1) | path + CASE
    // A walk that found no edge has ended.
    WHEN size(path) < step THEN []
    WHEN rand() < $restart THEN [start]
    ELSE COLLECT {
      WITH path[-1] AS node
      MATCH (node)-[:`$relation`]-(next)
      WITH DISTINCT next
      RETURN next ORDER BY rand() LIMIT 1
    }
  END) AS path
}
RETURN walk, [node IN path | node.id] AS ids
ORDER BY walk

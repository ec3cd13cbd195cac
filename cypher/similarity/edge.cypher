// purpose: Tell how two nodes are joined: how many edges, their weight in all, the first and the
//   last moment. The plainest similarity: 1 where there is an edge, 0 where there is none.
// mode: read
// params: one: STRING of head, other: STRING of tail
// columns: similarity: FLOAT, edges: INTEGER, weight: FLOAT, first_at: INTEGER, last_at: INTEGER
// idents: head: label = User, relation: relation = INTERACTED, tail: label = Item
// complexity: the edges of the node that has fewer
MATCH (one:`$head` {id: $one}), (other:`$tail` {id: $other})
OPTIONAL MATCH (one)-[edge:`$relation`]-(other)
RETURN CASE WHEN count(edge) > 0 THEN 1.0 ELSE 0.0 END AS similarity,
       count(edge) AS edges,
       sum(CASE WHEN edge IS NULL THEN 0.0 ELSE coalesce(edge.weight, 1.0) END) AS weight,
       min(edge.at) AS first_at,
       max(edge.at) AS last_at

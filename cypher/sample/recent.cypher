// purpose: Take the k most recent edges of each seed (property at), in either direction; with
//   before, in epoch milliseconds, of those strictly earlier. An edge without a moment is from 1970.
// mode: read
// params: seeds: LIST<STRING> of label, k: INTEGER = 10 in 1..1000,
//   before: INTEGER = null
// columns: seed: STRING, neighbour: STRING, weight: FLOAT, at: INTEGER
// idents: label: label = User, relation: relation = INTERACTED, reached: label = Item,
//   weight: property = weight
// complexity: O(degree log k) for a seed
// source: Rossi et al., Temporal Graph Networks for Deep Learning on Dynamic Graphs, 2020, 4
UNWIND $seeds AS id
MATCH (seed:`$label` {id: id})
CALL (seed) {
  MATCH (seed)-[edge:`$relation`]-(neighbour:`$reached`)
  WHERE $before IS NULL OR coalesce(edge.at, 0) < $before
  RETURN edge, neighbour ORDER BY coalesce(edge.at, 0) DESC, id(edge) DESC LIMIT $k
}
RETURN seed.id AS seed, neighbour.id AS neighbour, coalesce(edge.`$weight`, 1.0) AS weight,
       edge.at AS at

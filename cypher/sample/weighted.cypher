// purpose: Draw k edges of each seed without replacement, in either direction, each with a chance
//   proportional to its weight among those left. Edges of no weight (0 or less) are never drawn.
// mode: read
// params: seeds: LIST<STRING> of label, k: INTEGER = 10 in 1..1000
// columns: seed: STRING, neighbour: STRING, weight: FLOAT, at: INTEGER
// idents: label: label = User, relation: relation = INTERACTED, reached: label = Item,
//   weight: property = weight
// complexity: O(degree log k) for a seed
// source: Efraimidis and Spirakis, Weighted random sampling with a reservoir, 2006
UNWIND $seeds AS id
MATCH (seed:`$label` {id: id})
CALL (seed) {
  MATCH (seed)-[edge:`$relation`]-(neighbour:`$reached`)
  WHERE coalesce(edge.`$weight`, 1.0) > 0
  RETURN edge, neighbour ORDER BY -log(1.0 - rand()) / coalesce(edge.`$weight`, 1.0) LIMIT $k
}
RETURN seed.id AS seed, neighbour.id AS neighbour, coalesce(edge.`$weight`, 1.0) AS weight,
       edge.at AS at

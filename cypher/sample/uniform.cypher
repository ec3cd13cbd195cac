// purpose: Draw k edges of each seed without replacement, in either direction, all equally likely.
// mode: read
// params: seeds: LIST<STRING> of label, k: INTEGER = 10 in 1..1000
// columns: seed: STRING, neighbour: STRING, weight: FLOAT, at: INTEGER
// idents: label: label = User, relation: relation = INTERACTED, reached: label = Item,
//   weight: property = weight
// complexity: O(degree log k) for a seed
// source: Hamilton, Ying and Leskovec, Inductive Representation Learning on Large Graphs, 2017, 3.1
UNWIND $seeds AS id
MATCH (seed:`$label` {id: id})
CALL (seed) {
  MATCH (seed)-[edge:`$relation`]-(neighbour:`$reached`)
  RETURN edge, neighbour ORDER BY rand() LIMIT $k
}
RETURN seed.id AS seed, neighbour.id AS neighbour, coalesce(edge.`$weight`, 1.0) AS weight,
       edge.at AS at

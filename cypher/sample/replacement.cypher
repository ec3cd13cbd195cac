// purpose: Draw k edges of each seed with replacement, in either direction: an edge may come twice.
// mode: read
// params: seeds: LIST<STRING> of label, k: INTEGER = 10 in 1..1000
// columns: seed: STRING, neighbour: STRING, weight: FLOAT, at: INTEGER
// idents: label: label = User, relation: relation = INTERACTED, reached: label = Item,
//   weight: property = weight
// complexity: O(degree) for a seed
// source: Hamilton, Ying and Leskovec, Inductive Representation Learning on Large Graphs, 2017, 3.1
UNWIND $seeds AS id
MATCH (seed:`$label` {id: id})
CALL (seed) {
  MATCH (seed)-[edge:`$relation`]-(neighbour:`$reached`)
  WITH collect({edge: edge, end: neighbour}) AS edges
  WHERE size(edges) > 0
  UNWIND [_ IN range(1, $k) | edges[toInteger(rand() * size(edges))]] AS drawn
  RETURN drawn.edge AS edge, drawn.end AS neighbour
}
RETURN seed.id AS seed, neighbour.id AS neighbour, coalesce(edge.`$weight`, 1.0) AS weight,
       edge.at AS at

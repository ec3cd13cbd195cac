// purpose: Draw the two-hop neighbourhood of each seed: `first` edges of the seed, and `second`
//   edges of each node that those lead to, back to nodes of the seed's label.
// mode: read
// params: seeds: LIST<STRING> of label, first: INTEGER = 15 in 1..1000,
//   second: INTEGER = 10 in 1..1000
// columns: seed: STRING, neighbour: STRING, beyond: LIST<STRING>
// idents: label: label = User, relation: relation = INTERACTED, reached: label = Item
// complexity: O(degree) for a seed and for each node drawn
// source: Hamilton, Ying and Leskovec, Inductive Representation Learning on Large Graphs, 2017, 3.1
UNWIND $seeds AS id
MATCH (seed:`$label` {id: id})
CALL (seed) {
  MATCH (seed)-[:`$relation`]-(neighbour:`$reached`)
  RETURN neighbour ORDER BY rand() LIMIT $first
}
RETURN seed.id AS seed, neighbour.id AS neighbour, COLLECT {
  MATCH (neighbour)-[:`$relation`]-(beyond:`$label`)
  RETURN beyond.id ORDER BY rand() LIMIT $second
} AS beyond

// purpose: List the nodes most like one by Adamic-Adar: a shared neighbour
//   counts 1 / log of its own neighbours, neighbours in
//   either direction counted once. A middle node with more edges than max_degree is left out, as if
//   it were no neighbour.
// mode: read
// params: one: STRING of label, k: INTEGER = 10 in 1..1000, max_degree: INTEGER = 1000 in 1..
// columns: id: STRING, score: FLOAT, common: INTEGER
// idents: label: label = Item, relation: relation = INTERACTED
// complexity: the edges of the node, times max_degree at most
// source: Adamic and Adar 2003, Friends and neighbors on the web
MATCH (one:`$label` {id: $one})
CALL (one) {
  MATCH (one)-[:`$relation`]-(middle) WHERE middle <> one
  WITH DISTINCT middle WHERE COUNT { (middle)-[:`$relation`]-() } <= $max_degree
  RETURN collect(middle) AS middles
}
UNWIND middles AS middle
WITH one, middle, COLLECT {
  MATCH (middle)-[:`$relation`]-(n) WHERE n <> middle RETURN DISTINCT n
} AS around
WITH one, around, 1.0 / log(size(around)) AS worth
UNWIND around AS other
WITH one, other, worth WHERE other <> one AND other:`$label`
WITH other, sum(worth) AS score, count(*) AS common
RETURN other.id AS id, score, common
ORDER BY score DESC, id
LIMIT $k

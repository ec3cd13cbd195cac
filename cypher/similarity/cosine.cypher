// purpose: List the nodes most like one by the cosine of their sets of neighbours. Neighbours in
//   either direction are counted once. A middle node with more edges than max_degree is left out,
//   as if it were no neighbour.
// mode: read
// params: one: STRING of label, k: INTEGER = 10 in 1..1000, max_degree: INTEGER = 1000 in 1..
// columns: id: STRING, score: FLOAT, common: INTEGER
// idents: label: label = Item, relation: relation = INTERACTED
// complexity: the edges of the node, times max_degree at most; then the edges of every node found
// source: Salton and McGill 1983, Introduction to modern information retrieval
MATCH (one:`$label` {id: $one})
CALL (one) {
  MATCH (one)-[:`$relation`]-(middle) WHERE middle <> one
  WITH DISTINCT middle WHERE COUNT { (middle)-[:`$relation`]-() } <= $max_degree
  RETURN collect(middle) AS middles
}
WITH one, middles, size(middles) AS a
UNWIND middles AS middle
MATCH (middle)-[:`$relation`]-(other:`$label`)
WHERE other <> one AND other <> middle
WITH a, other, count(DISTINCT middle) AS common
WITH a, other, common, COUNT {
  MATCH (other)-[:`$relation`]-(middle)
  WHERE middle <> other AND COUNT { (middle)-[:`$relation`]-() } <= $max_degree
  RETURN DISTINCT middle
} AS b
RETURN other.id AS id, common / sqrt(1.0 * a * b) AS score, common
ORDER BY score DESC, id
LIMIT $k

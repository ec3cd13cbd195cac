// purpose: Compare two nodes by the nodes that lie two steps from both and not nearer: for items,
//   what buyers of either also bought. A node with more edges than max_degree is not crossed.
// mode: read
// params: one: STRING of label, other: STRING of label, max_degree: INTEGER = 1000 in 1..
// columns: around_one: INTEGER, around_other: INTEGER, common: INTEGER, jaccard: FLOAT
// idents: label: label = Item, relation: relation = INTERACTED
// complexity: the edges of both nodes, times max_degree at most
// source: Liben-Nowell and Kleinberg 2007, The link-prediction problem for social networks,
//   section 3
MATCH (one:`$label` {id: $one}), (other:`$label` {id: $other})
WITH one, other,
     COLLECT { MATCH (one)-[:`$relation`]-(n) WHERE n <> one RETURN DISTINCT n } AS near_one,
     COLLECT { MATCH (other)-[:`$relation`]-(n) WHERE n <> other RETURN DISTINCT n } AS near_other
CALL (one, near_one) {
  UNWIND near_one AS middle
  WITH one, middle WHERE COUNT { (middle)-[:`$relation`]-() } <= $max_degree
  MATCH (middle)-[:`$relation`]-(far)
  WHERE far <> one AND NOT EXISTS { (one)-[:`$relation`]-(far) }
  RETURN collect(DISTINCT far) AS around
}
WITH one, other, near_other, around AS of_one
CALL (other, near_other) {
  UNWIND near_other AS middle
  WITH other, middle WHERE COUNT { (middle)-[:`$relation`]-() } <= $max_degree
  MATCH (middle)-[:`$relation`]-(far)
  WHERE far <> other AND NOT EXISTS { (other)-[:`$relation`]-(far) }
  RETURN collect(DISTINCT far) AS of_other
}
CALL (of_one, of_other) {
  UNWIND of_one AS far
  WITH far WHERE far IN of_other
  RETURN count(far) AS common
}
WITH size(of_one) AS a, size(of_other) AS b, common
RETURN a AS around_one,
       b AS around_other,
       common,
       CASE WHEN a + b = 0 THEN 0.0 ELSE toFloat(common) / (a + b - common) END AS jaccard

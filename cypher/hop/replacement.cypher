// purpose: Draw k edges of each node with replacement: every draw is any of the edges.
// mode: read
// params: pages: LIST<LIST<INTEGER>>, outgoing: BOOLEAN = true, k: INTEGER = 10 in 1..,
//   hub: INTEGER = 1000 in 1.., attributes: BOOLEAN = false
// columns: nodes: LIST<INTEGER>, degrees: LIST<INTEGER>, source: LIST<INTEGER>,
//   target: LIST<INTEGER>, weight: LIST<FLOAT>, at: LIST<INTEGER>
// idents: relation: relation = INTERACTED, reached: label = Item, weight: property = weight
// complexity: O(degree) for a node, nothing sorted; a node of more than `hub` edges costs one look
//   at its degree and is left to the caller
// source: Hamilton, Ying and Leskovec, Inductive Representation Learning on Large Graphs, 2017, 3.1
UNWIND $pages AS page
CALL (page) {
  UNWIND page AS number
  MATCH (node) WHERE id(node) = number
  RETURN collect(node) AS found, collect(COUNT { (node)-[:`$relation`]-() }) AS degrees
}
CALL (found) {
  UNWIND found AS node
  WITH node WHERE COUNT { (node)-[:`$relation`]-() } <= $hub
  WITH node, COLLECT {
    MATCH (node)-[edge:`$relation`]-(:`$reached`)
    WHERE CASE WHEN $outgoing THEN startNode(edge) ELSE endNode(edge) END = node
    RETURN edge
  } AS edges
  WHERE size(edges) > 0
  UNWIND [_ IN range(1, $k) | edges[toInteger(rand() * size(edges))]] AS edge
  RETURN collect(id(node)) AS source,
         collect(id(CASE WHEN $outgoing THEN endNode(edge) ELSE startNode(edge) END)) AS target,
         collect(CASE WHEN $attributes THEN coalesce(edge.`$weight`, 1.0) END) AS weight,
         collect(CASE WHEN $attributes THEN coalesce(edge.at, 0) END) AS at
}
RETURN [node IN found | id(node)] AS nodes, degrees, source, target, weight, at

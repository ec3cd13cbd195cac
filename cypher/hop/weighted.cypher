// purpose: Draw k edges of each node without replacement, one after the other, each with a chance
//   proportional to its weight among those left. Edges of no weight (0 or less) are never drawn.
// mode: read
// params: pages: LIST<LIST<INTEGER>>, outgoing: BOOLEAN = true, k: INTEGER = 10 in 1..,
//   hub: INTEGER = 1000 in 1.., attributes: BOOLEAN = false
// columns: nodes: LIST<INTEGER>, degrees: LIST<INTEGER>, source: LIST<INTEGER>,
//   target: LIST<INTEGER>, weight: LIST<FLOAT>, at: LIST<INTEGER>
// idents: relation: relation = INTERACTED, reached: label = Item, weight: property = weight
// complexity: O(degree log k) for a node; a node of more than `hub` edges costs one look at its
//   degree and is left to the caller
// source: Efraimidis and Spirakis, Weighted random sampling with a reservoir, 2006: the k smallest
//   of -ln(U)/weight
UNWIND $pages AS page
CALL (page) {
  UNWIND page AS number
  MATCH (node) WHERE id(node) = number
  RETURN collect(node) AS found, collect(COUNT { (node)-[:`$relation`]-() }) AS degrees
}
CALL (found) {
  UNWIND found AS node
  WITH node WHERE COUNT { (node)-[:`$relation`]-() } <= $hub
  UNWIND COLLECT {
    MATCH (node)-[edge:`$relation`]-(:`$reached`)
    WHERE CASE WHEN $outgoing THEN startNode(edge) ELSE endNode(edge) END = node
      AND coalesce(edge.`$weight`, 1.0) > 0
    // rand() may be 0, 1 - rand() never is.
    RETURN edge ORDER BY -log(1.0 - rand()) / coalesce(edge.`$weight`, 1.0) LIMIT $k
  } AS edge
  RETURN collect(id(node)) AS source,
         collect(id(CASE WHEN $outgoing THEN endNode(edge) ELSE startNode(edge) END)) AS target,
         collect(CASE WHEN $attributes THEN coalesce(edge.`$weight`, 1.0) END) AS weight,
         collect(CASE WHEN $attributes THEN coalesce(edge.at, 0) END) AS at
}
RETURN [node IN found | id(node)] AS nodes, degrees, source, target, weight, at

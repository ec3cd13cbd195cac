// purpose: List all edges of each node: what a sampler keeps of hubs.
// mode: read
// params: pages: LIST<LIST<INTEGER>>, outgoing: BOOLEAN = true, weighted: BOOLEAN = false,
//   timed: BOOLEAN = false
// columns: nodes: LIST<INTEGER>, source: LIST<INTEGER>, target: LIST<INTEGER>,
//   weight: LIST<FLOAT>, at: LIST<INTEGER>, edge: LIST<INTEGER>
// idents: relation: relation = INTERACTED, reached: label = Item, weight: property = weight
// complexity: O(degree) for a node
UNWIND $pages AS page
CALL (page) {
  UNWIND page AS number
  MATCH (node) WHERE id(node) = number
  RETURN collect(node) AS found
}
CALL (found) {
  UNWIND found AS node
  MATCH (node)-[edge:`$relation`]-(reached:`$reached`)
  WHERE CASE WHEN $outgoing THEN startNode(edge) ELSE endNode(edge) END = node
  // collect() passes over null: lists that are not asked for stay empty.
  RETURN collect(id(node)) AS source,
         collect(id(reached)) AS target,
         collect(CASE WHEN $weighted THEN coalesce(edge.`$weight`, 1.0) END) AS weight,
         collect(CASE WHEN $timed THEN coalesce(edge.at, 0) END) AS at,
         collect(CASE WHEN $timed THEN id(edge) END) AS edge
}
RETURN [node IN found | id(node)] AS nodes, source, target, weight, at, edge

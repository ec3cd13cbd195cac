// purpose: Draw edges of each node, all equally likely: about `bound` of a node with more, else all.
//   The caller cuts the draw down to its k: of a draw with k or more, any k are equally likely.
// mode: read
// params: pages: LIST<LIST<INTEGER>>, outgoing: BOOLEAN = true, bound: FLOAT = 35 in 1..,
//   hub: INTEGER = 1000 in 1.., attributes: BOOLEAN = false
// columns: nodes: LIST<INTEGER>, degrees: LIST<INTEGER>, source: LIST<INTEGER>,
//   target: LIST<INTEGER>, weight: LIST<FLOAT>, at: LIST<INTEGER>
// idents: relation: relation = INTERACTED, reached: label = Item, weight: property = weight
// complexity: O(degree) steps along the edges of a node, nothing sorted, O(bound) kept; a node of
//   more than `hub` edges costs one look at its degree and is left to the caller
// source: Hamilton, Ying and Leskovec, Inductive Representation Learning on Large Graphs, 2017, 3.1
UNWIND $pages AS page
CALL (page) {
  UNWIND page AS number
  MATCH (node) WHERE id(node) = number
  RETURN collect(node) AS found, collect(COUNT { (node)-[:`$relation`]-() }) AS degrees
}
CALL (found) {
  UNWIND found AS node
  WITH node, COUNT { (node)-[:`$relation`]-() } AS degree
  WHERE degree <= $hub
  WITH node, $bound / (degree + 1.0) AS share
  MATCH (node)-[edge:`$relation`]-(reached:`$reached`)
  WHERE rand() < share AND CASE WHEN $outgoing THEN startNode(edge) ELSE endNode(edge) END = node
  // collect() passes over null: without `attributes` the last two lists stay empty.
  RETURN collect(id(node)) AS source,
         collect(id(reached)) AS target,
         collect(CASE WHEN $attributes THEN coalesce(edge.`$weight`, 1.0) END) AS weight,
         collect(CASE WHEN $attributes THEN coalesce(edge.at, 0) END) AS at
}
RETURN [node IN found | id(node)] AS nodes, degrees, source, target, weight, at

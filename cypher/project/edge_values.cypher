// purpose: Export where the edges of some nodes lead, with a weight and a moment each: a record for
//   each page of nodes, in it a list for each node.
// mode: read
// params: pages: LIST<LIST<INTEGER>>
// columns: heads: LIST<INTEGER>, tails: LIST<LIST<INTEGER>>, weights: LIST<LIST<FLOAT>>,
//   at: LIST<LIST<INTEGER>>
// idents: head: label = User, relation: relation = INTERACTED, tail: label = Item,
//   weight: property = weight
// complexity: one pass over the edges; the server holds the edges of one page at a time
UNWIND $pages AS page
CALL (page) {
  UNWIND page AS number
  MATCH (head:`$head`) WHERE id(head) = number
  MATCH (head)-[edge:`$relation`]->(tail:`$tail`)
  WITH number, collect(id(tail)) AS tails, collect(coalesce(edge.`$weight`, 1.0)) AS weights,
       collect(coalesce(edge.at, 0)) AS at
  RETURN collect(number) AS heads, collect(tails) AS tails, collect(weights) AS weights,
         collect(at) AS at
}
RETURN heads, tails, weights, at

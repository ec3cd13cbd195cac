// purpose: Export where the edges of some nodes lead: a record for each page of nodes, in it a list
//   for each node. A record costs what hundreds of numbers in a list cost.
// mode: read
// params: pages: LIST<LIST<INTEGER>>
// columns: heads: LIST<INTEGER>, tails: LIST<LIST<INTEGER>>
// idents: head: label = User, relation: relation = INTERACTED, tail: label = Item
// complexity: one pass over the edges; the server holds the edges of one page at a time
UNWIND $pages AS page
CALL (page) {
  UNWIND page AS number
  MATCH (head:`$head`) WHERE id(head) = number
  MATCH (head)-[:`$relation`]->(tail:`$tail`)
  WITH number, collect(id(tail)) AS tails
  RETURN collect(number) AS heads, collect(tails) AS tails
}
RETURN heads, tails

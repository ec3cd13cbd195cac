// purpose: Read one property of some nodes: a record for each page of nodes, in it a list of values;
//   an empty list stands for a node that lacks it.
// mode: read
// params: pages: LIST<LIST<INTEGER>>
// columns: nodes: LIST<INTEGER>, values: LIST<ANY>
// idents: property: property = embedding_g1
// complexity: one seek and one property for a node
UNWIND $pages AS page
CALL (page) {
  UNWIND page AS number
  MATCH (node) WHERE id(node) = number
  RETURN collect(number) AS nodes, collect(coalesce(node.`$property`, [])) AS values
}
RETURN nodes, values

// purpose: List every node of a label in one record, with the number the server knows it by.
// mode: read
// params: none
// columns: ids: LIST<STRING>, nodes: LIST<INTEGER>
// idents: label: label = Item, key: property = id
// complexity: one pass over the nodes of the label
MATCH (node:`$label`)
RETURN collect(node.`$key`) AS ids, collect(id(node)) AS nodes

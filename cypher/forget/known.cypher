// purpose: Return those of some ids that are users or items of the graph.
// mode: read
// params: ids: LIST<STRING>
// columns: id: STRING
// idents: label
UNWIND $ids AS id
MATCH (node:`$label` {id: id})
RETURN node.id AS id

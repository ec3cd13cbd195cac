// purpose: Export one vector of some users or items, by their ids; no row for one that has none.
// mode: read
// params: ids: LIST<STRING>
// columns: id: STRING, vector: LIST<FLOAT>
// idents: label: label = Item, property: property
// complexity: one seek and one property for a node
UNWIND $ids AS id
MATCH (node:`$label` {id: id})
WHERE node.`$property` IS NOT NULL
RETURN id, node.`$property` AS vector

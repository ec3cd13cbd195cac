// purpose: Export one vector of some users or items, by their ids; no row for one that has none, or
//   holds something else.
// mode: read
// params: ids: LIST<STRING>, width: INTEGER
// columns: id: STRING, vector: LIST<FLOAT>
// idents: label: label = Item, property: property
// complexity: one seek and one property for a node
UNWIND $ids AS id
MATCH (node:`$label` {id: id})
WITH id, node.`$property` AS vector
// By CASE, as of conditions the planner may test any first, and a boolean has no size.
WITH id, CASE WHEN valueType(vector) STARTS WITH 'LIST<FLOAT' THEN vector END AS vector
WHERE size(vector) = $width
RETURN id, vector

// purpose: Export everything that stands on a user or an item, vectors included. No row: there is none.
// mode: read
// params: id: STRING
// columns: properties: MAP
// idents: label
MATCH (node:`$label` {id: $id})
RETURN properties(node) AS properties

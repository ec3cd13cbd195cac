// purpose: List all items with the number the server knows each node by, for this pull only.
// mode: read
// params: none
// columns: node: INTEGER, id: STRING
MATCH (item:Item)
RETURN id(item) AS node, item.id AS id

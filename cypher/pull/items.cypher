// purpose: List every item in one record, with the number the server knows its node by.
// mode: read
// params: none
// columns: ids: LIST<STRING>, nodes: LIST<INTEGER>
MATCH (item:Item)
RETURN collect(item.id) AS ids, collect(id(item)) AS nodes

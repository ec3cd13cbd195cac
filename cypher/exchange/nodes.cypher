// purpose: Export the next nodes of a label in the order of their ids, in one record: the ids, and of
//   each node a list of the named properties.
// mode: read
// params: after: STRING, limit: INTEGER, names: LIST<STRING>
// columns: ids: LIST<STRING>, properties: LIST<LIST>
// idents: label: label = Item, key: property = id
// complexity: the nodes of the page, in the order of the index
MATCH (node:`$label`)
WHERE node.`$key` > $after
WITH node
ORDER BY node.`$key`
LIMIT $limit
RETURN collect(node.`$key`) AS ids,
       collect([name IN $names | node[name]]) AS properties

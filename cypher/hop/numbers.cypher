// purpose: Tell the number by which the server knows each of some nodes; null where there is none.
// mode: read
// params: ids: LIST<STRING>
// columns: numbers: LIST<LIST<INTEGER>>
// idents: label: label = User, key: property = id
// complexity: one seek in the index for an id
UNWIND $ids AS id
OPTIONAL MATCH (node:`$label` {`$key`: id})
// collect() passes over null, so each number goes in a list.
RETURN collect([id(node)]) AS numbers

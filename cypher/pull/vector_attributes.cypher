// purpose: Name the attributes of users or items that are vectors, with the lengths that they have and
//   how many nodes have each.
// mode: read
// params: none
// columns: name: STRING, width: INTEGER, nodes: INTEGER
// idents: label: label = Item
// complexity: one pass over the nodes of the label
MATCH (node:`$label`)
UNWIND keys(node) AS name
WITH node, name
WHERE NOT name STARTS WITH 'embedding_g' AND valueType(node[name]) STARTS WITH 'LIST<FLOAT'
RETURN name, size(node[name]) AS width, count(*) AS nodes
ORDER BY name, width

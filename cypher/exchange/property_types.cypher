// purpose: Name the properties of the nodes of a label with their types, and of lists how long the
//   shortest and the longest one is.
// mode: read
// params: none
// columns: name: STRING, type: STRING, shortest: INTEGER, longest: INTEGER, nodes: INTEGER
// idents: label: label = Item
// complexity: one pass over the properties of the nodes of the label
MATCH (node:`$label`)
UNWIND keys(node) AS name
WITH name, valueType(node[name]) AS type,
     CASE WHEN valueType(node[name]) STARTS WITH 'LIST' THEN size(node[name]) END AS length
RETURN name, type, min(length) AS shortest, max(length) AS longest, count(*) AS nodes
ORDER BY name, type

// purpose: Count what the attributes of users or items hold: vectors, by their length, and anything
//   else, which has no width; of each attribute what most nodes hold first.
// mode: read
// params: none
// columns: name: STRING, width: INTEGER, nodes: INTEGER
// idents: label: label = Item
// complexity: one pass over the nodes of the label
MATCH (node:`$label`)
UNWIND keys(node) AS name
WITH name, node[name] AS value
WHERE NOT name STARTS WITH 'embedding_g'
RETURN name, CASE WHEN valueType(value) STARTS WITH 'LIST<FLOAT' THEN size(value) END AS width,
       count(*) AS nodes
ORDER BY name, nodes DESC, width

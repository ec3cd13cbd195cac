// purpose: Count what some attributes of users or items hold on the first nodes that have them:
//   vectors, by their length, and anything else, which has no width; of each attribute what most of
//   them hold first.
// mode: read
// params: names: LIST<STRING>
// columns: name: STRING, width: INTEGER, nodes: INTEGER
// idents: label: label = Item
// complexity: for each name the nodes up to the last of those that are looked at
UNWIND $names AS name
CALL (name) {
  MATCH (node:`$label`)
  WHERE node[name] IS NOT NULL
  WITH node[name] AS value
  LIMIT 25
  RETURN CASE WHEN valueType(value) STARTS WITH 'LIST<FLOAT' THEN size(value) END AS width,
         count(*) AS nodes
}
RETURN name, width, nodes
ORDER BY name, nodes DESC, width

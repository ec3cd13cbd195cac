// purpose: Tell how long the vectors are that some attributes of users or items hold, by one node that
//   has each; no row for an attribute that holds something else, or that none has.
// mode: read
// params: names: LIST<STRING>
// columns: name: STRING, width: INTEGER
// idents: label: label = Item
// complexity: for each name the nodes up to the first one that has it
UNWIND $names AS name
CALL (name) {
  MATCH (node:`$label`)
  WHERE node[name] IS NOT NULL
  WITH node
  LIMIT 1
  WHERE valueType(node[name]) STARTS WITH 'LIST<FLOAT'
  RETURN size(node[name]) AS width
}
RETURN name, width

// purpose: Count the nodes of a label by the property of a generation that they carry: its vectors,
//   edges or weights.
// mode: read
// params: prefix: STRING
// columns: property: STRING, nodes: INTEGER
// idents: label
// complexity: all nodes of the label
MATCH (node:`$label`)
UNWIND [key IN keys(node) WHERE key STARTS WITH $prefix] AS property
RETURN property, count(*) AS nodes

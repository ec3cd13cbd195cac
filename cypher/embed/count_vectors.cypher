// purpose: Count the nodes of a label and those that carry a vector.
// mode: read
// params: none
// columns: nodes: INTEGER, vectors: INTEGER
// idents: label, property
MATCH (node:`$label`)
RETURN count(*) AS nodes, count(node.`$property`) AS vectors

// purpose: Tell whether an edge of a type leads from a node of a label to itself.
// mode: read
// params: none
// columns: loops: BOOLEAN
// idents: label: label = User, relation: relation = FRIEND
// complexity: one pass over the edges of the label, up to the first loop
RETURN EXISTS { (node:`$label`)-[:`$relation`]->(node) } AS loops

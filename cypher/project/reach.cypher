// purpose: Count the edges of a type: all, those from nodes of one label, those to another.
// mode: read
// params: none
// columns: edges: INTEGER, from_head: INTEGER, to_tail: INTEGER
// idents: head: label = User, relation: relation = INTERACTED, tail: label = Item
// complexity: constant, from the count store
RETURN COUNT { ()-[:`$relation`]->() } AS edges,
       COUNT { (:`$head`)-[:`$relation`]->() } AS from_head,
       COUNT { ()-[:`$relation`]->(:`$tail`) } AS to_tail

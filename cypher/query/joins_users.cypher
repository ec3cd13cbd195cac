// purpose: Tell whether a relation leads from users to users, from the count store.
// mode: read
// params: none
// columns: joins: BOOLEAN
// idents: relation: relation
// complexity: constant
RETURN COUNT { (:User)-[:`$relation`]->() } > 0 AND COUNT { ()-[:`$relation`]->(:User) } > 0 AS joins

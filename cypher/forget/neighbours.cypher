// purpose: Export how like a user those are to whom a generation joins it; not who they are.
// mode: read
// params: id: STRING
// columns: generation: INTEGER, score: FLOAT
MATCH (:User {id: $id})-[edge:SIMILAR]->(:User)
RETURN edge.generation AS generation, edge.score AS score
ORDER BY generation, score DESC

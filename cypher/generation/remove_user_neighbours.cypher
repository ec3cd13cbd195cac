// purpose: Remove what joins users to those most like them in one generation, some hundred users to a
//   transaction.
// mode: schema
// params: generation: INTEGER
// columns: none
MATCH (user:User)
WHERE EXISTS { (user)-[:SIMILAR]->(:User) }
CALL (user) {
  MATCH (user)-[edge:SIMILAR]->(:User)
  WHERE edge.generation = $generation
  DELETE edge
} IN TRANSACTIONS OF 200 ROWS

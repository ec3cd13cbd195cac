// purpose: Join users to those most like them in a generation, rows of [user, [[other, score], …]]; once,
//   however often.
// mode: write
// params: rows: LIST<LIST>, generation: INTEGER
// columns: written: INTEGER
// complexity: an index look-up for each user and each edge
UNWIND $rows AS row
MATCH (user:User {id: row[0]})
CALL (user) {
  MATCH (user)-[old:SIMILAR]->(:User)
  WHERE old.generation = $generation
  DELETE old
}
CALL (user, row) {
  UNWIND row[1] AS edge
  MATCH (other:User {id: edge[0]})
  CREATE (user)-[:SIMILAR {score: edge[1], generation: $generation}]->(other)
}
RETURN count(*) AS written

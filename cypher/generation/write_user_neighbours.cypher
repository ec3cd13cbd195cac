// purpose: Join users to those most like them, and store on each what these have and how often. A row
//   is [user, [[other, score], …], [item, …], [mean count, …]].
// mode: write
// params: rows: LIST<LIST>, generation: INTEGER
// columns: written: INTEGER
// idents: others: property, counts: property
// complexity: an index look-up for each user and each edge
UNWIND $rows AS row
MATCH (user:User {id: row[0]})
SET user.`$others` = row[2], user.`$counts` = row[3]
WITH user, row
CALL (user, row) {
  // Written again after an answer that was lost: once all the same.
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

// purpose: Note which entities users dislike, as it was exported, rows of
//   [user, entity, event, at, weight, key]; the user is created where new. What is there already, or of an
//   entity that is not, is left out of the count.
// mode: write
// params: rows: LIST<LIST>, batch: INTEGER
// columns: written: INTEGER
// complexity: three index look-ups for each row
UNWIND $rows AS row
MATCH (entity:Entity {key: row[1]})
OPTIONAL MATCH ()-[known:DISLIKES {key: row[5]}]->()
USING INDEX known:DISLIKES(key)
WITH row, entity, known
WHERE known IS NULL
MERGE (user:User {id: row[0]})
CREATE (user)-[:DISLIKES
  {event: row[2], at: row[3], weight: row[4], key: row[5], batch: $batch}]->(entity)
RETURN count(*) AS written

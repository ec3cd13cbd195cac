// purpose: Let ids stand for users as it was exported, rows of [id, user, at]. An id that is a user here, or
//   stands for one, stays as it is, and so does one whose user is not here.
// mode: write
// params: rows: LIST<LIST>
// columns: written: INTEGER
// complexity: three index look-ups for each row
UNWIND $rows AS row
MATCH (user:User {id: row[1]})
WHERE NOT EXISTS { (:User {id: row[0]}) } AND NOT EXISTS { (:Alias {id: row[0]}) }
CREATE (:Alias {id: row[0], at: row[2]})-[:ALIAS_OF]->(user)
RETURN count(*) AS written

// purpose: Let an id stand for a user from now on, and the ids that stood for it; the user is created
//   where new.
// mode: write
// params: old: STRING, user: STRING
// columns: aliases: INTEGER
// complexity: the aliases of the old id
MERGE (user:User {id: $user})
MERGE (alias:Alias {id: $old})
ON CREATE SET alias.at = timestamp()
MERGE (alias)-[:ALIAS_OF]->(user)
WITH user
CALL (user) {
  MATCH (:User {id: $old})<-[former:ALIAS_OF]-(other:Alias)
  DELETE former
  CREATE (other)-[:ALIAS_OF]->(user)
  RETURN count(*) AS moved
}
RETURN 1 + moved AS aliases

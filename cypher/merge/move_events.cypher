// purpose: Move some relationships of one type from one user to another with all that they say, and
//   count them: again until there is none.
// mode: write
// params: old: STRING, user: STRING, limit: INTEGER
// columns: moved: INTEGER
// idents: relation
MATCH (user:User {id: $user})
MATCH (:User {id: $old})-[event:`$relation`]->(target)
WITH user, event, target, properties(event) AS said LIMIT $limit
// Deleted first: a key is of one relationship alone.
DELETE event
CREATE (user)-[moved:`$relation`]->(target)
SET moved = said
RETURN count(*) AS moved

// purpose: Remove some of the remembered lists of some users, and count them: again until there is none.
// mode: write
// params: ids: LIST<STRING>, limit: INTEGER
// columns: removed: INTEGER
UNWIND $ids AS id
MATCH (:User {id: id})-[:WAS_SHOWN]->(l:List)
WITH l LIMIT $limit
DETACH DELETE l
RETURN count(*) AS removed

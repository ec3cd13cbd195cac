// purpose: Remove some ids that stand for others, those that stand for some users, and those whose
//   user is gone; count them.
// mode: write
// params: ids: LIST<STRING>
// columns: removed: INTEGER
// complexity: one pass over the ids that stand for others
CALL () {
  UNWIND $ids AS id
  MATCH (alias:Alias {id: id})
  RETURN alias
  UNION
  UNWIND $ids AS id
  MATCH (:User {id: id})<-[:ALIAS_OF]-(alias:Alias)
  RETURN alias
  UNION
  MATCH (alias:Alias)
  WHERE NOT EXISTS { (alias)-[:ALIAS_OF]->() }
  RETURN alias
}
DETACH DELETE alias
RETURN count(*) AS removed

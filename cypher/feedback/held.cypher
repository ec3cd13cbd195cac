// purpose: What users dislike, of some items and of all entities, for lists that are made in memory.
// mode: read
// params: items: LIST<STRING>, user: STRING = null
// columns: user: STRING, items: LIST<STRING>, facts: LIST<STRING>
// complexity: all dislikes, or those of one user
CALL () {
  WITH * WHERE $user IS NOT NULL
  MATCH (user:User {id: $user})
  RETURN user
  UNION ALL
  WITH * WHERE $user IS NULL
  MATCH (user:User)
  WHERE EXISTS { (user)-[:DISLIKES]->() }
  RETURN user
}
MATCH (user)-[:DISLIKES]->(target)
WHERE target:Entity OR target.id IN $items
RETURN user.id AS user, [one IN collect(DISTINCT target) WHERE one:Item | one.id] AS items,
       [one IN collect(DISTINCT target) WHERE one:Entity | one.key] AS facts

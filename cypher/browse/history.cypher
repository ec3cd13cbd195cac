// purpose: List what a user did, the newest first; events without a time come last. One row.
// mode: read
// params: user: STRING of User, limit: INTEGER = 50 in 1..1000
// columns: known: BOOLEAN, name: STRING, total: INTEGER, events: LIST<MAP>
// complexity: the user's events
OPTIONAL MATCH (u:User {id: $user})
CALL (u) {
  MATCH (u)-[event:INTERACTED|DISLIKES]->(item:Item)
  WITH event, item
  ORDER BY event.at IS NULL, event.at DESC, item.id, event.key
  LIMIT $limit
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), kind: event.event, at: event.at,
    weight: coalesce(event.weight, 1.0)
  }) AS events
}
RETURN u IS NOT NULL AS known, coalesce(u.name, u.title) AS name,
       COUNT { (u)-[:INTERACTED|DISLIKES]->(:Item) } AS total, events

// purpose: Note that a user dislikes an item, or everything that is joined to an entity; the user is
//   created where new, and again it changes nothing. No row: there is no such item or entity.
// mode: write
// params: user: STRING, target: STRING, event: STRING, key: INTEGER, batch: INTEGER
// columns: new: BOOLEAN
// idents: label, identity: property
MATCH (target:`$label` {`$identity`: $target})
MERGE (user:User {id: $user})
MERGE (user)-[dislike:DISLIKES]->(target)
ON CREATE SET dislike.key = $key, dislike.event = $event, dislike.at = timestamp(),
  dislike.weight = 1.0, dislike.batch = $batch
RETURN dislike.batch = $batch AS new

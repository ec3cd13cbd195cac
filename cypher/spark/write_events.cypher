// purpose: Create the events and dislikes of one transaction that are not there yet, with their users
//   and items, and the marker of the batch that they are. Run again, it finds them there and leaves no
//   marker. Those of an id that stands for another user are that user's.
// mode: write
// params: events: LIST<MAP>
// columns: none
// complexity: one index look-up for each event, user and item
// The Neo4j Connector for Apache Spark puts UNWIND $events AS event before this text: whatever stands
// there becomes one row.
WITH count(*) AS rows
CALL () {
  UNWIND $events AS event
  OPTIONAL MATCH ()-[there:INTERACTED {key: event.key}]->()
  USING INDEX there:INTERACTED(key)
  WITH event, there
  WHERE there IS NULL
  OPTIONAL MATCH ()-[said:DISLIKES {key: event.key}]->()
  USING INDEX said:DISLIKES(key)
  WITH event, said
  WHERE said IS NULL
  OPTIONAL MATCH (alias:Alias {id: event.user})-[:ALIAS_OF]->(current:User)
  USING INDEX alias:Alias(id)
  RETURN collect(event {.*, user: coalesce(current.id, event.user)}) AS fresh
}
// An event whose id stands for another one creates no nodes. All writers take nodes in one order.
CALL (fresh) {
  UNWIND fresh AS event
  WITH DISTINCT event.user AS id
  ORDER BY id
  MERGE (:User {id: id})
  RETURN count(*) AS users
}
CALL (fresh) {
  UNWIND fresh AS event
  WITH DISTINCT event.item AS id
  ORDER BY id
  MERGE (:Item {id: id})
  RETURN count(*) AS items
}
CALL (fresh) {
  UNWIND fresh AS event
  WITH event
  WHERE NOT event.disliked
  MATCH (user:User {id: event.user})
  USING INDEX user:User(id)
  MATCH (item:Item {id: event.item})
  USING INDEX item:Item(id)
  CREATE (user)-[made:INTERACTED {
    key: event.key, event: event.event, at: event.at, weight: event.weight, basket: event.basket,
    list: event.list, position: event.position
  }]->(item)
  RETURN collect(made) AS events
}
CALL (fresh) {
  UNWIND fresh AS event
  WITH event
  WHERE event.disliked
  MATCH (user:User {id: event.user})
  USING INDEX user:User(id)
  MATCH (item:Item {id: event.item})
  USING INDEX item:Item(id)
  CREATE (user)-[made:DISLIKES {
    key: event.key, event: event.event, at: event.at, weight: event.weight, basket: event.basket
  }]->(item)
  RETURN collect(made) AS dislikes
}
WITH fresh, events + dislikes AS created
// Fewer where somebody has removed a node since its MERGE: the division by zero undoes all of it.
WITH fresh, created, 1 / (1 - sign(size(fresh) - size(created))) AS whole
WHERE whole = 1 AND size(created) > 0
// The number comes last, as its lock is held to the commit: writers wait for each other here only.
// No watermark can have passed it: every batch with a higher number is begun after this commit.
MERGE (sequence:Sequence {name: 'batch'})
ON CREATE SET sequence.value = 0
SET sequence.value = sequence.value + 1
WITH fresh, created, sequence.value AS number
FOREACH (made IN created | SET made.batch = number)
CREATE (:Batch {
  number: number, token: fresh[0].job + '-' + toString(number), rows: size(created), described: 0, ingest: fresh[0].load,
  at: timestamp()
})

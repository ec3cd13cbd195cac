// purpose: Put a complete generation into service. The pointer leaves the old one and reaches the
//   new one in one transaction, with a line of who did it and why, so there is always exactly one.
//   No row: there is no such generation, or it is not complete. Already in service: moved is false.
// mode: write
// params: number: INTEGER, kind: STRING, token: STRING, who: STRING, why: STRING
// columns: number: INTEGER, previous: INTEGER, moved: BOOLEAN
MERGE (serving:Serving {name: 'default'})
// The lock: whoever moves the pointer or removes a generation writes to this node first.
SET serving.locked_at = timestamp()
WITH serving
MATCH (generation:Generation {number: $number})
WHERE generation.state IN ['ready', 'published']
OPTIONAL MATCH (serving)-[pointer:USES]->(old:Generation)
WITH serving, generation, collect(pointer) AS pointers, max(old.number) AS previous
WITH *, coalesce(previous <> $number, true) AS moved
FOREACH (pointer IN CASE WHEN moved THEN pointers ELSE [] END | DELETE pointer)
FOREACH (once IN CASE WHEN moved THEN [1] ELSE [] END |
  CREATE (serving)-[:USES]->(generation)
  SET serving.flips = coalesce(serving.flips, 0) + 1
  CREATE (serving)-[:MOVED]->(:Flip {
    // timestamp() is that of the statement's beginning, before it had the lock.
    token: $token, at: datetime.realtime().epochMillis, ordinal: serving.flips,
    kind: $kind, who: $who, why: $why, from_number: previous,
    to_number: $number
  })
  // A rollback leaves the way back as it was: rolling back twice goes two steps, not to and fro.
  SET generation.state = 'published', generation.promoted_at = datetime.realtime().epochMillis,
      generation.previous = CASE $kind WHEN 'rollback' THEN generation.previous ELSE previous END)
RETURN generation.number AS number, previous, moved

// What a user dislikes: an event of its own type, so that nothing that counts events meets it.
CREATE CONSTRAINT dislikes_key IF NOT EXISTS
FOR ()-[r:DISLIKES]-() REQUIRE r.key IS UNIQUE;

CREATE INDEX dislikes_at IF NOT EXISTS
FOR ()-[r:DISLIKES]-() ON (r.at);

// An id that stands for another user since the two were merged.
CREATE CONSTRAINT alias_id IF NOT EXISTS
FOR (n:Alias) REQUIRE n.id IS UNIQUE;

// Events of these kinds that are stored as others are.
MATCH (user:User)-[event:INTERACTED]->(item:Item)
WHERE event.event IN ['dislike', 'not_interested']
CALL (user, event, item) {
  CREATE (user)-[dislike:DISLIKES]->(item)
  SET dislike = properties(event)
  DELETE event
} IN TRANSACTIONS OF 5000 ROWS;

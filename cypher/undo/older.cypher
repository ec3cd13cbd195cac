// purpose: Count the events before a moment, and whose they are; those without a time have no age.
// mode: read
// params: before: INTEGER
// columns: events: INTEGER, users: INTEGER
// complexity: a range of the index on event times
MATCH (u:User)-[r:INTERACTED]->(:Item)
USING INDEX r:INTERACTED(at)
WHERE r.at < $before
RETURN count(*) AS events, count(DISTINCT u) AS users

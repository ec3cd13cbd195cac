// purpose: Count the events before a moment, and whose they are; those without a time have no age.
// mode: read
// params: before: INTEGER
// columns: events: INTEGER, users: INTEGER
// idents: relation: relation = INTERACTED
// complexity: a range of the index on event times
MATCH (u:User)-[r:`$relation`]->(:Item)
USING INDEX r:`$relation`(at)
WHERE r.at < $before
RETURN count(*) AS events, count(DISTINCT u) AS users

// purpose: Name the kinds of the events that name a list of a time.
// mode: read
// params: first: STRING, last: STRING
// columns: event: STRING
// complexity: a range of the index on the lists that events name
MATCH ()-[r:INTERACTED]->()
USING INDEX r:INTERACTED(list)
WHERE r.list >= $first AND r.list < $last
RETURN DISTINCT r.event AS event
ORDER BY event

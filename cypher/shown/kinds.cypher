// purpose: Name the kinds of the events that name a list of a time, the most frequent first.
// mode: read
// params: first: STRING, last: STRING
// columns: event: STRING, events: INTEGER
// complexity: a range of the index on the lists that events name
MATCH ()-[r:INTERACTED]->()
USING INDEX r:INTERACTED(list)
WHERE r.list >= $first AND r.list < $last
RETURN r.event AS event, count(*) AS events
ORDER BY events DESC, event

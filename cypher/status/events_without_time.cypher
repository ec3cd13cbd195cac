// purpose: Count the events that have no time.
// mode: read
// params: none
// columns: events: INTEGER
// complexity: all events
MATCH ()-[event:INTERACTED]->()
WHERE event.at IS NULL
RETURN count(event) AS events

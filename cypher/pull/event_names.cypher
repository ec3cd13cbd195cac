// purpose: List the kinds of event there are.
// mode: read
// params: none
// columns: event: STRING
// complexity: one pass over the events
MATCH ()-[event:INTERACTED]->()
RETURN DISTINCT event.event AS event

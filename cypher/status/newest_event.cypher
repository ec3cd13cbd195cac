// purpose: Tell when the newest event happened; null when there is none or no event has a time.
// mode: read
// params: none
// columns: at: INTEGER
// complexity: one pass over the events
MATCH ()-[event:INTERACTED]->()
RETURN max(event.at) AS at

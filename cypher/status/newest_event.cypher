// purpose: Tell when the newest event happened; null when there is none or no event has a time.
// mode: read
// params: none
// columns: at: INTEGER
// complexity: constant, from the index on times of events
MATCH ()-[event:INTERACTED]->()
WHERE event.at IS NOT NULL
RETURN max(event.at) AS at

// purpose: Tell when the newest event happened: ages of repeats are counted from there.
// mode: read
// params: none
// columns: at: INTEGER
// complexity: one pass over the events
MATCH ()-[event:INTERACTED]->()
RETURN max(event.at) AS at

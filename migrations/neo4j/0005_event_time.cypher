// The newest events, and those since a moment, without a pass over all of them: what is trending.
CREATE INDEX interacted_at IF NOT EXISTS
FOR ()-[r:INTERACTED]-() ON (r.at);

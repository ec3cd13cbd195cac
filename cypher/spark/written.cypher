// purpose: Count the events that a load has written, by the markers of its batches.
// mode: read
// params: load: INTEGER
// columns: written: INTEGER
MATCH (batch:Batch {ingest: $load})
RETURN coalesce(sum(batch.rows), 0) AS written

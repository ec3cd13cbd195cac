// purpose: Count the events that a job has written, by the markers of its batches.
// mode: read
// params: job: STRING
// columns: written: INTEGER
// Not by the number of the load: another home that writes into the graph has the same ones.
MATCH (batch:Batch)
USING INDEX batch:Batch(token)
WHERE batch.token STARTS WITH $job
RETURN coalesce(sum(batch.rows), 0) AS written

// purpose: List the loads that left batches, newest first: their batches, how many relationships and
//   descriptions of nodes these wrote, and how many batches were undone since.
// mode: read
// params: limit: INTEGER
// columns: load: INTEGER, first: INTEGER, last: INTEGER, batches: INTEGER, relations: INTEGER,
//   described: INTEGER, undone: INTEGER, at: INTEGER
MATCH (batch:Batch)
WHERE batch.ingest > 0
WITH batch.ingest AS load, min(batch.number) AS first, max(batch.number) AS last,
     count(*) AS batches, sum(batch.rows) AS relations,
     sum(coalesce(batch.described, 0)) AS described, count(batch.undone_at) AS undone,
     max(batch.at) AS at
ORDER BY last DESC LIMIT $limit
RETURN load, first, last, batches, relations, described, undone, at

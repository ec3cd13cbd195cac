// purpose: List the loads that left batches, newest first: their batches, how many relationships and
//   descriptions of nodes these wrote, how many batches were undone since, and whether they are of the
//   home that asks.
// mode: read
// params: home: STRING, limit: INTEGER
// columns: load: INTEGER, own: BOOLEAN, first: INTEGER, last: INTEGER, batches: INTEGER,
//   relations: INTEGER, described: INTEGER, undone: INTEGER, at: INTEGER
MATCH (batch:Batch)
WHERE batch.ingest > 0
// A token is HOME/UUID. One without a home may be of any.
WITH batch, CASE WHEN batch.token CONTAINS '/' THEN split(batch.token, '/')[0] ELSE $home END AS home
WITH batch.ingest AS load, home, min(batch.number) AS first, max(batch.number) AS last,
     count(*) AS batches, sum(batch.rows) AS relations,
     sum(coalesce(batch.described, 0)) AS described, count(batch.undone_at) AS undone,
     max(batch.at) AS at
ORDER BY last DESC LIMIT $limit
RETURN load, home = $home AS own, first, last, batches, relations, described, undone, at

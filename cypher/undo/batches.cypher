// purpose: Return those of some batches, and of those of some loads of one home, that the graph knows.
// mode: read
// params: home: STRING, numbers: LIST<INTEGER>, loads: LIST<INTEGER>
// columns: number: INTEGER, load: INTEGER, described: INTEGER
MATCH (batch:Batch)
WHERE batch.number IN $numbers OR (
  batch.ingest IN $loads
  // A token is HOME/UUID. One without a home may be of any.
  AND (NOT batch.token CONTAINS '/' OR split(batch.token, '/')[0] = $home)
)
RETURN batch.number AS number, batch.ingest AS load, coalesce(batch.described, 0) AS described
ORDER BY number

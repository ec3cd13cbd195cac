// purpose: Return those of some batches, and of those of some loads, that the graph knows.
// mode: read
// params: numbers: LIST<INTEGER>, loads: LIST<INTEGER>
// columns: number: INTEGER, load: INTEGER, described: INTEGER
MATCH (batch:Batch)
WHERE batch.number IN $numbers OR batch.ingest IN $loads
RETURN batch.number AS number, batch.ingest AS load, coalesce(batch.described, 0) AS described
ORDER BY number

// purpose: Return the number of the newest batch, null in an empty graph, and let no batch be written
//   at or below it any more: one that is not committed by now will have to take a higher number.
// mode: write
// params: none
// columns: number: INTEGER
MERGE (watermark:Sequence {name: 'watermark'})
ON CREATE SET watermark.value = 0
// The lock that ingest/mark_batch holds to its commit: what passed it is visible below.
SET watermark.locked_at = timestamp()
WITH watermark
CALL () {
  OPTIONAL MATCH (batch:Batch)
  WHERE batch.number IS NOT NULL
  RETURN batch.number AS number
  ORDER BY number DESC
  LIMIT 1
}
SET watermark.value = CASE WHEN number > watermark.value THEN number ELSE watermark.value END
RETURN number

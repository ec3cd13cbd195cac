// purpose: Return the number of the newest batch; null in an empty graph.
// mode: read
// params: none
// columns: number: INTEGER
// complexity: the last entry of the index of numbers
OPTIONAL MATCH (batch:Batch)
WHERE batch.number IS NOT NULL
RETURN batch.number AS number
ORDER BY number DESC
LIMIT 1

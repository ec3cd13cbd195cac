// purpose: Tell the number of the newest batch of rows; null in an empty graph.
// mode: read
// params: none
// columns: number: INTEGER
MATCH (batch:Batch)
RETURN max(batch.number) AS number

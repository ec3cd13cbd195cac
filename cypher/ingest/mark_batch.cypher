// purpose: Leave the marker of a batch, in the transaction of its rows. No row: somebody has read a
//   watermark at or above its number, and would never look below it: the batch must take a new one.
// mode: write
// params: number: INTEGER, token: STRING, rows: INTEGER, described: INTEGER, ingest: INTEGER
// columns: number: INTEGER
MERGE (watermark:Sequence {name: 'watermark'})
ON CREATE SET watermark.value = 0
// The lock, held to the commit, which is next: see pull/watermark.
SET watermark.locked_at = timestamp()
WITH watermark
WHERE watermark.value < $number
// How many nodes were ever described: a service sees by it that its popular items may be old.
SET watermark.described = coalesce(watermark.described, 0) + $described
CREATE (batch:Batch {
  number: $number, token: $token, rows: $rows, described: $described, ingest: $ingest, at: timestamp()
})
RETURN batch.number AS number

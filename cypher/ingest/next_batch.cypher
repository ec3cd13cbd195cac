// purpose: Take the next batch number, in a transaction of its own: held to the end of a long one,
//   the lock would let one writer work at a time. A number that is never used does no harm, and one
//   that is used late is refused by ingest/mark_batch.
// mode: write
// params: none
// columns: number: INTEGER
MERGE (s:Sequence {name: 'batch'})
ON CREATE SET s.value = 0
SET s.value = s.value + 1
RETURN s.value AS number

// purpose: Note that some batches are undone, the first time counts; return how many were not before.
// mode: write
// params: batches: LIST<INTEGER>
// columns: marked: INTEGER
UNWIND $batches AS number
MATCH (batch:Batch {number: number})
WHERE batch.undone_at IS NULL
SET batch.undone_at = timestamp()
RETURN count(*) AS marked

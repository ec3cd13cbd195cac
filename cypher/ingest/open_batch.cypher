// purpose: Take the next batch number and leave the marker of a batch, in the transaction of its rows.
// mode: write
// params: token: STRING, rows: INTEGER, ingest: INTEGER
// columns: number: INTEGER
MERGE (s:Sequence {name: 'batch'})
ON CREATE SET s.value = 0
SET s.value = s.value + 1
CREATE (b:Batch {number: s.value, token: $token, rows: $rows, ingest: $ingest, at: timestamp()})
RETURN b.number AS number

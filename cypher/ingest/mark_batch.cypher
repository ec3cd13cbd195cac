// purpose: Leave the marker of a batch, in the transaction of its rows.
// mode: write
// params: number: INTEGER, token: STRING, rows: INTEGER, ingest: INTEGER
// columns: none
CREATE (:Batch {number: $number, token: $token, rows: $rows, ingest: $ingest, at: timestamp()})

// purpose: Add sums of lists that were removed; those that are there stay as they are.
// mode: write
// params: rows: LIST<MAP>
// columns: none
// complexity: an index look-up for each row
UNWIND $rows AS row
MERGE (s:ListSums {key: row.key})
ON CREATE SET s += row

// purpose: Create or update users or items with their attributes; others of the node stay.
// mode: write
// params: rows: LIST<MAP>
// columns: nodes: INTEGER
// idents: label
UNWIND $rows AS row
MERGE (n:`$label` {id: row.id})
SET n += row.attributes
RETURN count(n) AS nodes

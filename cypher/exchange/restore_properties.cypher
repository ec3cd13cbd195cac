// purpose: Store properties on nodes, rows of [id, properties]; nodes that are gone are left out of the
//   count.
// mode: write
// params: rows: LIST<LIST>
// columns: written: INTEGER
// idents: label, key: property
UNWIND $rows AS row
MATCH (node:`$label` {`$key`: row[0]})
SET node += row[1]
RETURN count(*) AS written

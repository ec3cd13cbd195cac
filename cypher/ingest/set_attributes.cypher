// purpose: Create or update the users or items whose attributes say something new, and count them.
//   A row that changes nothing is left alone; attributes it does not name stay.
// mode: write
// params: rows: LIST<MAP>
// columns: changed: INTEGER
// idents: label
UNWIND $rows AS row
OPTIONAL MATCH (there:`$label` {id: row.id})
WITH row, there
WHERE there IS NULL
  OR any(name IN keys(row.attributes)
    WHERE NOT coalesce(there[name] = row.attributes[name], false))
MERGE (n:`$label` {id: row.id})
SET n += row.attributes
RETURN count(n) AS changed

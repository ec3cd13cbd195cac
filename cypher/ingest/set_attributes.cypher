// purpose: Create or update the users or items whose attributes say something new, and count them.
//   A row that changes nothing is left alone; attributes it does not name stay. Vectors are stored
//   with four bytes a number.
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
  OR any(name IN keys(row.vectors) WHERE NOT coalesce(there[name] = row.vectors[name], false))
MERGE (n:`$label` {id: row.id})
SET n += row.attributes
WITH n, row
CALL (n, row) {
  UNWIND keys(row.vectors) AS name
  CALL db.create.setNodeVectorProperty(n, name, row.vectors[name])
  RETURN count(*) AS stored
}
RETURN count(n) AS changed

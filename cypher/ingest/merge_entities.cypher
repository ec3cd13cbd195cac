// purpose: Create the entities of one type that are not there yet; "Brand:69" is the key of a brand.
// mode: write
// params: rows: LIST<LIST<STRING>>
// columns: none
// idents: type
UNWIND $rows AS row
MERGE (n:Entity {key: row[0]})
SET n:`$type`, n.id = row[1]

// purpose: Store on items what a ranker has to know of them: a row of numbers as bytes, what shares
//   baskets with them, and what follows them. A row is [item, numbers, [item, …], [item, …]].
// mode: write
// params: rows: LIST<LIST>
// columns: written: INTEGER
// idents: numbers: property, together: property, following: property
UNWIND $rows AS row
MATCH (item:Item {id: row[0]})
SET item.`$numbers` = row[1], item.`$together` = row[2], item.`$following` = row[3]
RETURN count(*) AS written

// purpose: Store on items where the filter of a generation leads from them, and how strongly: two lists
//   of the same order. A row is [item, [other item, …], [weight, …]].
// mode: write
// params: rows: LIST<LIST>
// columns: written: INTEGER
// idents: edges: property, weights: property
UNWIND $rows AS row
MATCH (item:Item {id: row[0]})
SET item.`$edges` = row[1], item.`$weights` = row[2]
RETURN count(*) AS written

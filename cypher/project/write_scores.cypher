// purpose: Write a score on nodes of a label, and count those found.
// mode: write
// params: rows: LIST<LIST>
// columns: written: INTEGER
// idents: label: label = Item, key: property = id, property: property = pagerank
// complexity: one index lookup per row
UNWIND $rows AS row
MATCH (node:`$label` {`$key`: row[0]})
SET node.`$property` = row[1]
RETURN count(node) AS written

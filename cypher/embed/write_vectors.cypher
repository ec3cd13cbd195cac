// purpose: Store one vector per node, given as two lists of the same order; nodes that are gone
//   are left out of the count.
// mode: write
// params: ids: LIST<STRING>, vectors: LIST<LIST<FLOAT>>, property: STRING
// columns: written: INTEGER
// idents: label, key: property
UNWIND range(0, size($ids) - 1) AS row
MATCH (node:`$label` {`$key`: $ids[row]})
CALL db.create.setNodeVectorProperty(node, $property, $vectors[row])
RETURN count(*) AS written

// purpose: Remove a generation's vectors, some thousands of nodes to a transaction.
// mode: schema
// params: none
// columns: none
// idents: label, property
MATCH (node:`$label`)
WHERE node.`$property` IS NOT NULL
CALL (node) {
  REMOVE node.`$property`
} IN TRANSACTIONS OF 2000 ROWS

// purpose: Show one value of a property of the nodes of a label; no row where no node has it.
// mode: read
// params: none
// columns: value: ANY
// idents: label: label = Item, property: property = embedding_g1
// complexity: up to the first node that has it
MATCH (node:`$label`)
WHERE node.`$property` IS NOT NULL
RETURN node.`$property` AS value
LIMIT 1

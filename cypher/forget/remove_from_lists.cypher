// purpose: Take items out of lists of ids that a generation stores on users or items, and out of the
//   list of numbers beside each; some thousands of nodes to a transaction.
// mode: schema
// params: ids: LIST<STRING>
// columns: changed: INTEGER
// idents: label, list: property, beside: property
// complexity: one pass over the nodes of the label
MATCH (node:`$label`)
WHERE any(id IN node.`$list` WHERE id IN $ids)
CALL (node) {
  WITH node, node.`$list` AS list, node.`$beside` AS beside
  WITH node, list, beside, [n IN range(0, size(list) - 1) WHERE NOT list[n] IN $ids] AS kept
  SET node.`$list` = [n IN kept | list[n]],
      node.`$beside` = CASE WHEN beside IS NULL THEN null ELSE [n IN kept | beside[n]] END
} IN TRANSACTIONS OF 2000 ROWS
RETURN count(*) AS changed

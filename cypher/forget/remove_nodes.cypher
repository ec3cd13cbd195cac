// purpose: Remove some users or items with all they have, and count them.
// mode: write
// params: ids: LIST<STRING>
// columns: removed: INTEGER
// idents: label
UNWIND $ids AS id
MATCH (node:`$label` {id: id})
DETACH DELETE node
RETURN count(*) AS removed

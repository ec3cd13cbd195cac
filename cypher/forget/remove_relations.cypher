// purpose: Remove some relationships of some users or items, and count them: again until there is none.
// mode: write
// params: ids: LIST<STRING>, limit: INTEGER
// columns: removed: INTEGER
// idents: label
UNWIND $ids AS id
MATCH (node:`$label` {id: id})-[relation]-()
WITH DISTINCT relation LIMIT $limit
DELETE relation
RETURN count(*) AS removed

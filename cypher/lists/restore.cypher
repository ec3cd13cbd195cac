// purpose: Add changes of named lists that were made elsewhere, after those that are there.
// mode: write
// params: changes: LIST<MAP>
// columns: added: INTEGER
MERGE (serving:Serving {name: 'default'})
// The lock: changes have an order, whoever makes them.
SET serving.list_changes = coalesce(serving.list_changes, 0)
WITH serving, serving.list_changes AS before
UNWIND $changes AS row
CREATE (serving)-[:LIST_CHANGED]->(change:ListChange)
SET change = row, change.ordinal = before + row.ordinal
WITH serving, max(change.ordinal) AS newest, count(*) AS added
SET serving.list_changes = newest
RETURN added

// purpose: Remove the events and facts of some batches, some thousands to a transaction, and the users
//   and items of whom nothing but an id is left by that; count the two.
// mode: schema
// params: batches: LIST<INTEGER>
// columns: relations: INTEGER, nodes: INTEGER
// complexity: one pass over all relationships
MATCH (a)-[r]->(b)
WHERE r.batch IN $batches
CALL (a, r, b) {
  DELETE r
  WITH DISTINCT a, b
  UNWIND CASE WHEN a = b THEN [a] ELSE [a, b] END AS node
  WITH node
  WHERE (node:User OR node:Item)
    AND NOT EXISTS {
      (node)-[other]-() WHERE NOT type(other) IN ['CO_OCCURRED', 'FOLLOWED_BY', 'SIMILAR']
    }
    AND all(name IN keys(node) WHERE name = 'id' OR name STARTS WITH 'embedding_g')
  DETACH DELETE node
  RETURN count(*) AS bare
} IN TRANSACTIONS OF 5000 ROWS
RETURN count(*) AS relations, coalesce(sum(bare), 0) AS nodes

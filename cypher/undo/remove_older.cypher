// purpose: Remove the events before a moment, some thousands to a transaction, and the users and items
//   of whom nothing but an id is left by that; count the two.
// mode: schema
// params: before: INTEGER
// columns: relations: INTEGER, nodes: INTEGER
// idents: relation: relation = INTERACTED
// complexity: a range of the index on event times
MATCH (a:User)-[r:`$relation`]->(b:Item)
USING INDEX r:`$relation`(at)
WHERE r.at < $before
CALL (a, r, b) {
  DELETE r
  WITH DISTINCT a, b
  UNWIND [a, b] AS node
  WITH node
  WHERE NOT EXISTS {
      (node)-[other]-() WHERE NOT type(other) IN ['CO_OCCURRED', 'FOLLOWED_BY', 'SIMILAR']
    }
    AND all(name IN keys(node) WHERE name = 'id' OR name STARTS WITH 'embedding_g')
  DETACH DELETE node
  RETURN count(*) AS bare
} IN TRANSACTIONS OF 5000 ROWS
RETURN count(*) AS relations, coalesce(sum(bare), 0) AS nodes

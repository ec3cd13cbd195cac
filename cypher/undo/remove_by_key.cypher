// purpose: Remove events by their keys, and the users and items of whom nothing but an id is left by
//   that; count the two.
// mode: write
// params: keys: LIST<INTEGER>
// columns: relations: INTEGER, nodes: INTEGER
// idents: relation: relation = INTERACTED
// complexity: an index look-up for each key
UNWIND $keys AS key
MATCH (a)-[r:`$relation` {key: key}]->(b)
USING INDEX r:`$relation`(key)
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
}
RETURN count(*) AS relations, coalesce(sum(bare), 0) AS nodes

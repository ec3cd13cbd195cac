// purpose: Move the facts of one relation from one user to another, in both directions, and count
//   them; what both have stays once, and nobody is joined to themselves.
// mode: write
// params: old: STRING, user: STRING
// columns: moved: INTEGER
// idents: relation
MATCH (user:User {id: $user})
MATCH (old:User {id: $old})-[fact:`$relation`]-(other)
WITH user, fact, other, startNode(fact) = old AS is_head, properties(fact) AS said
DELETE fact
WITH user, other, is_head, said
WHERE other <> user
CALL (user, other, is_head, said) {
  WITH * WHERE is_head
  MERGE (user)-[moved:`$relation`]->(other)
  ON CREATE SET moved = said
  RETURN 1 AS one
  UNION ALL
  WITH * WHERE NOT is_head
  MERGE (other)-[moved:`$relation`]->(user)
  ON CREATE SET moved = said
  RETURN 1 AS one
}
RETURN count(*) AS moved

// purpose: List some of the items that each of some users has events on, as publishing checks that
//   vectors belong to their ids.
// mode: read
// params: users: LIST<STRING>, most: INTEGER
// columns: user: STRING, items: LIST<STRING>
UNWIND $users AS id
MATCH (user:User {id: id})
CALL (user) {
  MATCH (user)-[:INTERACTED]->(item:Item)
  WITH DISTINCT item LIMIT $most
  RETURN collect(item.id) AS items
}
RETURN user.id AS user, items

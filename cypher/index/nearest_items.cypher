// purpose: Ask an index for the items nearest to each of some users, as publishing checks it.
// mode: read
// params: users: LIST<STRING>, index: STRING, property: STRING, fetch: INTEGER
// columns: user: STRING, items: LIST<STRING>
UNWIND $users AS id
MATCH (user:User {id: id})
WHERE user[$property] IS NOT NULL
CALL (user) {
  CALL db.index.vector.queryNodes($index, $fetch, user[$property]) YIELD node, score
  WITH node ORDER BY score DESC
  RETURN collect(node.id) AS items
}
RETURN user.id AS user, items

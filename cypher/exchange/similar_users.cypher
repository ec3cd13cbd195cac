// purpose: Export whom the next users are joined to in a generation, in one record: the users in the
//   order of their ids, and of each a list of [other user, score].
// mode: read
// params: after: STRING, limit: INTEGER, generation: INTEGER
// columns: ids: LIST<STRING>, edges: LIST<LIST>
// complexity: the edges of the page's users
MATCH (user:User)
WHERE user.id > $after
WITH user
ORDER BY user.id
LIMIT $limit
CALL (user) {
  MATCH (user)-[edge:SIMILAR]->(other:User)
  WHERE edge.generation = $generation
  WITH other.id AS other, edge.score AS score
  ORDER BY score DESC, other
  RETURN collect([other, score]) AS edges
}
RETURN collect(user.id) AS ids, collect(edges) AS edges

// purpose: Recommend to a user those whose vectors of the generation in service are most like the
//   user's own, friends left out.
// mode: read
// params: user: STRING of User, k: INTEGER = 10 in 1..10000
// columns: id: STRING, name: STRING, score: FLOAT, shared: INTEGER, capped: BOOLEAN
// idents: relation: relation
// complexity: one comparison with every user
MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
MATCH (user:User {id: $user})
WITH user, 'embedding_g' + toString(g.number) AS property
WITH user, property, user[property] AS vector
WHERE vector IS NOT NULL
CALL (user) {
  OPTIONAL MATCH (user)-[:`$relation`]-(friend:User)
  RETURN collect(DISTINCT friend) AS friends
}
MATCH (other:User)
WHERE other[property] IS NOT NULL AND other <> user AND NOT other IN friends
WITH other, 2.0 * vector.similarity.cosine(vector, other[property]) - 1.0 AS score
ORDER BY score DESC, other.id
LIMIT $k
RETURN other.id AS id, other.name AS name, score, 0 AS shared, false AS capped

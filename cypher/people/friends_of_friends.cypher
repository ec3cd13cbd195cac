// purpose: Recommend to a user the friends of the user's friends, by how many friends they share.
//   A friendship counts in both directions; who is a friend already is left out.
// mode: read
// params: user: STRING of User, k: INTEGER = 10 in 1..10000, most: INTEGER = 1000 in 1..
// columns: id: STRING, name: STRING, score: FLOAT, shared: INTEGER, capped: BOOLEAN
// idents: relation: relation
// complexity: at most most * most relationships; where a user has more friends than most, only the
//   first so many count, and capped is true
// source: Liben-Nowell, Kleinberg: The link-prediction problem for social networks, 2007
MATCH (user:User {id: $user})
CALL (user) {
  MATCH (user)-[:`$relation`]-(friend:User)
  WHERE friend <> user
  WITH friend LIMIT $most
  RETURN collect(DISTINCT friend) AS friends
}
WITH user, friends, COUNT { (user)-[:`$relation`]-() } > $most AS many
UNWIND friends AS friend
WITH user, friends, many, many OR COUNT { (friend)-[:`$relation`]-() } > $most AS capped, friend
CALL (friend) {
  MATCH (friend)-[:`$relation`]-(other:User)
  WITH other LIMIT $most
  RETURN DISTINCT other
}
WITH user, friends, many, other, count(*) AS shared, max(capped) AS capped
WHERE other <> user AND NOT other IN friends
  AND (NOT many OR NOT EXISTS { (user)-[:`$relation`]-(other) })
RETURN other.id AS id, other.name AS name, toFloat(shared) AS score, shared, capped
ORDER BY score DESC, id
LIMIT $k

// purpose: Recommend to a user the friends of the user's friends, by the Adamic-Adar index: a shared
//   friend counts 1 / ln(number of that one's friends). A friendship counts in both directions; who
//   is a friend already is left out.
// mode: read
// params: user: STRING of User, k: INTEGER = 10 in 1..10000, most: INTEGER = 1000 in 1..
// columns: id: STRING, name: STRING, score: FLOAT, shared: INTEGER, capped: BOOLEAN
// idents: relation: relation
// complexity: at most most * most relationships; where a user has more friends than most, only the
//   first so many count, and capped is true
// source: Adamic, Adar: Friends and neighbors on the Web, 2003
MATCH (user:User {id: $user})
CALL (user) {
  MATCH (user)-[:`$relation`]-(friend:User)
  WHERE friend <> user
  WITH friend LIMIT $most
  RETURN collect(DISTINCT friend) AS friends
}
WITH user, friends, COUNT { (user)-[:`$relation`]-() } > $most AS many
UNWIND friends AS friend
WITH user, friends, friend, many, COUNT { (friend)-[:`$relation`]-() } AS degree
CALL (friend) {
  MATCH (friend)-[:`$relation`]-(other:User)
  WHERE other <> friend
  WITH other LIMIT $most
  RETURN collect(DISTINCT other) AS others
}
// Friends, not relationships: two people may each name the other. A hub's are not counted out.
WITH user, friends, others, many, many OR degree > $most AS capped,
     CASE WHEN degree > $most THEN degree ELSE size(others) END AS theirs
UNWIND others AS other
WITH user, friends, many, other, count(*) AS shared, max(capped) AS capped,
     sum(CASE WHEN theirs > 1 THEN 1.0 / log(theirs) ELSE 0.0 END) AS score
WHERE other <> user AND NOT other IN friends
  AND (NOT many OR NOT EXISTS { (user)-[:`$relation`]-(other) })
RETURN other.id AS id, other.name AS name, score, shared, capped
ORDER BY score DESC, id
LIMIT $k

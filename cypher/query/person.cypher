// purpose: Tell of a user whether there is one, how many friendships, and whether a vector serves.
// mode: read
// params: user: STRING
// columns: known: BOOLEAN, friends: INTEGER, vector: BOOLEAN
// idents: relation: relation
// complexity: constant
OPTIONAL MATCH (user:User {id: $user})
OPTIONAL MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
RETURN user IS NOT NULL AS known,
       COUNT { (user)-[:`$relation`]-() } AS friends,
       user['embedding_g' + toString(g.number)] IS NOT NULL AS vector

// purpose: Tell whether a user and an item exist.
// mode: read
// params: user: STRING, item: STRING
// columns: user: BOOLEAN, item: BOOLEAN
// complexity: constant
OPTIONAL MATCH (user:User {id: $user})
OPTIONAL MATCH (item:Item {id: $item})
RETURN user IS NOT NULL AS user, item IS NOT NULL AS item

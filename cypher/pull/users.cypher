// purpose: List the ids of all users.
// mode: read
// params: none
// columns: id: STRING
MATCH (user:User)
RETURN user.id AS id

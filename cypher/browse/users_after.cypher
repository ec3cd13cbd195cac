// purpose: List the next users in the order of their ids, a page at a time.
// mode: read
// params: after: STRING, limit: INTEGER
// columns: id: STRING
MATCH (user:User)
WHERE user.id > $after
RETURN user.id AS id
ORDER BY id
LIMIT $limit

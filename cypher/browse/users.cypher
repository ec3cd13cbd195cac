// purpose: List users whose ids begin with a text, in the order of their ids.
// mode: read
// params: prefix: STRING = "", limit: INTEGER = 20 in 1..1000
// columns: id: STRING, name: STRING
// complexity: as many steps of the index on ids as users are returned
MATCH (user:User)
WHERE user.id STARTS WITH $prefix
RETURN user.id AS id, coalesce(user.name, user.title) AS name
ORDER BY id
LIMIT $limit

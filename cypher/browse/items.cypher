// purpose: List items whose ids begin with a text, in the order of their ids, those after a given id.
// mode: read
// params: prefix: STRING = "", after: STRING = "", limit: INTEGER = 20 in 1..1000
// columns: id: STRING, name: STRING, hidden: BOOLEAN, expires_at: INTEGER
// complexity: as many steps of the index on ids as items are returned
MATCH (node:Item)
WHERE node.id STARTS WITH $prefix AND node.id > $after
RETURN node.id AS id, coalesce(node.name, node.title) AS name,
       coalesce(node.hidden, false) AS hidden, node.expires_at AS expires_at
ORDER BY id
LIMIT $limit

// purpose: List items in the order of their ids: those from start on and before end, without one.
// mode: read
// params: start: STRING = "", end: STRING = "z", without: STRING = "", limit: INTEGER = 20 in 1..1000
// columns: id: STRING, name: STRING, hidden: BOOLEAN, expires_at: INTEGER
// complexity: as many steps of the index on ids as items are returned
MATCH (node:Item)
WHERE node.id >= $start AND node.id < $end AND node.id <> $without
RETURN node.id AS id, coalesce(node.name, node.title) AS name,
       coalesce(node.hidden, false) AS hidden, node.expires_at AS expires_at
ORDER BY id
LIMIT $limit

// purpose: Find users by words of their names, the best match first.
// mode: read
// params: words: STRING = "alice", limit: INTEGER = 20 in 1..1000
// columns: id: STRING, name: STRING
// complexity: what the full-text index finds
CALL db.index.fulltext.queryNodes('user_name', $words, {limit: $limit}) YIELD node, score
RETURN node.id AS id, coalesce(node.name, node.title) AS name
ORDER BY score DESC, id
LIMIT $limit

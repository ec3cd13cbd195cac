// purpose: Find items by words of their names, the best match first.
// mode: read
// params: words: STRING = "tea", limit: INTEGER = 20 in 1..1000
// columns: id: STRING, name: STRING, hidden: BOOLEAN, expires_at: INTEGER
// complexity: what the full-text index finds
CALL db.index.fulltext.queryNodes('item_name', $words, {limit: $limit}) YIELD node, score
RETURN node.id AS id, coalesce(node.name, node.title) AS name,
       coalesce(node.hidden, false) AS hidden, node.expires_at AS expires_at
ORDER BY score DESC, id
LIMIT $limit

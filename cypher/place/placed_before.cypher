// purpose: Tell which items were placed among the vectors of another generation than the one in
//   service, and have no vector in that. No row: none, or what is in service has no vectors.
// mode: read
// params: none
// columns: id: STRING
// complexity: one pass over the items
MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
WHERE g.plain IS NULL AND g.edges IS NULL
WITH 'embedding_g' + toString(g.number) AS property
MATCH (item:Item)
WHERE item.embedding_guess IS NOT NULL AND item[property] IS NULL
RETURN item.id AS id
ORDER BY id

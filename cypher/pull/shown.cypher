// purpose: Export the newest lists that users were shown: what stood in them, and which places were
//   reported as seen.
// mode: read
// params: most: INTEGER
// columns: user: STRING, at: INTEGER, first: INTEGER, items: LIST<STRING>, seen: LIST<INTEGER>
// complexity: one pass over the lists that are remembered, at most most of them kept in order
MATCH (user:User)-[:WAS_SHOWN]->(list:List)
WITH user, list
ORDER BY list.at DESC, list.id LIMIT $most
RETURN user.id AS user, list.at AS at, coalesce(list.first, 1) AS first, list.items AS items,
       list.seen AS seen

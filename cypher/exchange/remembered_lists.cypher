// purpose: Export the next remembered lists in the order of their ids, which is that of time.
// mode: read
// params: after: STRING, limit: INTEGER
// columns: id: STRING, user: STRING, at: INTEGER, by: STRING, named: STRING, generation: INTEGER,
//   options: STRING, variant: STRING, items: LIST<STRING>, sources: LIST<STRING>, seen: LIST<INTEGER>,
//   first: INTEGER, propensities: LIST<FLOAT>
// complexity: the lists of the page, in the order of the index
MATCH (l:List)
WHERE l.id > $after
WITH l
ORDER BY l.id
LIMIT $limit
OPTIONAL MATCH (user:User)-[:WAS_SHOWN]->(l)
RETURN l.id AS id, user.id AS user, l.at AS at, l.by AS by, l.named AS named,
       l.generation AS generation, l.options AS options, l.variant AS variant, l.items AS items,
       l.sources AS sources, l.seen AS seen, l.first AS first, l.propensities AS propensities
ORDER BY id

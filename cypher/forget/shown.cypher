// purpose: Export every remembered list of a user, the oldest first.
// mode: read
// params: id: STRING
// columns: list_id: STRING, at: INTEGER, by: STRING, named: STRING, generation: INTEGER,
//   options: STRING, variant: STRING, items: LIST<STRING>, sources: LIST<STRING>, seen: LIST<INTEGER>, first: INTEGER,
//   propensities: LIST<FLOAT>
// complexity: the user's lists
MATCH (:User {id: $id})-[:WAS_SHOWN]->(l:List)
RETURN l.id AS list_id, l.at AS at, l.by AS by, l.named AS named, l.generation AS generation,
       l.options AS options, l.variant AS variant, l.items AS items, l.sources AS sources, l.seen AS seen,
       l.first AS first, l.propensities AS propensities
ORDER BY list_id

// purpose: Return the newest lists of a time that were explored, with the items of each that an event of
//   one kind followed: first pages of users' own lists.
// mode: read
// params: since: INTEGER, until: INTEGER, event: STRING, limit: INTEGER
// columns: user: STRING, at: INTEGER, options: STRING, items: LIST<STRING>,
//   propensities: LIST<FLOAT>, seen: LIST<INTEGER>, taken: LIST<STRING>
// complexity: the lists of the time, and the events that name those that were explored
MATCH (l:List)
USING INDEX l:List(at)
WHERE l.at >= $since AND l.at < $until AND l.propensities IS NOT NULL AND l.by = 'for-you'
  AND l.first IS NULL
MATCH (owner:User)-[:WAS_SHOWN]->(l)
WITH l, owner
ORDER BY l.at DESC
LIMIT $limit
CALL (l, owner) {
  MATCH (who:User)-[r:INTERACTED]->(item:Item)
  USING INDEX r:INTERACTED(list)
  WHERE r.list = l.id AND r.event = $event
  // part: part/attribution_fault
  WITH *
  WHERE fault IS NULL
  RETURN collect(DISTINCT item.id) AS taken
}
RETURN owner.id AS user, l.at AS at, l.options AS options, l.items AS items,
       l.propensities AS propensities, l.seen AS seen, taken

// purpose: Tell of each item how often the newest lists of a time showed it, and how often an event that
//   names such a list followed. Of a list with reports, the items that were seen count; of one without
//   any, all of them.
// mode: read
// params: since: INTEGER, lists: INTEGER
// columns: item: STRING, shown: INTEGER, conversions: INTEGER
// complexity: the lists, with an index lookup each, and the events that name them
MATCH (l:List)
USING INDEX l:List(at)
WHERE l.at >= $since
WITH l
ORDER BY l.at DESC
LIMIT $lists
CALL (l) {
  MATCH ()-[r:INTERACTED]->(item:Item)
  USING INDEX r:INTERACTED(list)
  WHERE r.list = l.id
  RETURN collect(DISTINCT item.id) AS taken
}
UNWIND coalesce([position IN l.seen | l.items[position - 1]], l.items) AS id
RETURN id AS item, count(*) AS shown, count(CASE WHEN id IN taken THEN 1 END) AS conversions

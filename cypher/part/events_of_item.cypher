// purpose: How many events an item has: all of them, or those until a moment. All of them are read off
//   the node; no event is looked at.
// given: item: NODE
// gives: an INTEGER
// params: until: INTEGER = null
CASE WHEN $until IS NULL THEN COUNT { (item)<-[:INTERACTED]-() }
  ELSE COUNT { (item)<-[event:INTERACTED]-() WHERE coalesce(event.at <= $until, true) } END

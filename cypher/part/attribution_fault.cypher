// purpose: Say why an event that names a list is not attributed to it, or null where it is.
// given: who: NODE and item: NODE of the event r: RELATIONSHIP; the list l: NODE or null, and its
//   owner: NODE or null, where a user of the graph has it
// gives: fault: STRING or null
// params: within: INTEGER, skew: INTEGER, kept_from: STRING
WITH *, CASE
    WHEN l IS NULL AND r.list < $kept_from THEN 'removed'
    WHEN l IS NULL THEN 'unknown'
    WHEN owner <> who THEN 'foreign'
    WHEN NOT item.id IN l.items THEN 'not-in-list'
    WHEN r.position < coalesce(l.first, 1) THEN 'wrong-position'
    WHEN coalesce(l.items[r.position - coalesce(l.first, 1)] <> item.id, r.position IS NOT NULL)
      THEN 'wrong-position'
    WHEN r.at < l.at - $skew THEN 'before-list'
    WHEN r.at >= l.at + $within THEN 'expired'
  END AS fault

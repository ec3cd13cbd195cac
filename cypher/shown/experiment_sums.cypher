// purpose: Sum by variant, over the users of an experiment, what they were shown and what came of it,
//   with the squares and products by which the error of a ratio is known. Without a variant are the
//   users who were shown several, and the lists that are nobody's (no users).
// mode: read
// params: since: INTEGER, until: INTEGER, prefix: STRING, event: STRING, seen_only: BOOLEAN
// columns: variant: STRING, users: INTEGER, lists: INTEGER, failed: INTEGER, shown: INTEGER,
//   conversions: INTEGER, value: FLOAT, shown_squared: INTEGER, conversions_squared: INTEGER,
//   value_squared: FLOAT, shown_conversions: INTEGER, shown_value: FLOAT
// complexity: the lists of the time, with an index lookup each of the experiment, and the events that
//   name them
MATCH (l:List)
USING INDEX l:List(at)
WHERE l.at >= $since AND l.at < $until AND l.variant STARTS WITH $prefix
OPTIONAL MATCH (owner:User)-[:WAS_SHOWN]->(l)
CALL (l, owner) {
  MATCH (who:User)-[r:INTERACTED]->(item:Item)
  USING INDEX r:INTERACTED(list)
  WHERE r.list = l.id AND r.event = $event
    AND (NOT $seen_only
      OR any(n IN coalesce(l.seen, []) WHERE l.items[n - 1] = item.id))
  // part: part/attribution_fault
  WITH *
  WHERE fault IS NULL
  RETURN count(*) AS taken, coalesce(sum(r.weight), 0.0) AS weight
}
// A list that the control made for a variant stays with the variant: intention to treat.
WITH owner, split(substring(l.variant, size($prefix)), '/') AS named,
     CASE WHEN $seen_only THEN size(coalesce(l.seen, [])) ELSE size(l.items) END AS items, taken,
     weight
WITH owner, named[0] AS variant, count(*) AS lists,
     sum(CASE WHEN size(named) > 1 THEN 1 ELSE 0 END) AS failed, sum(items) AS x, sum(taken) AS y,
     sum(weight) AS v
WITH owner, collect({variant: variant, lists: lists, failed: failed, x: x, y: y, v: v}) AS variants
UNWIND variants AS one
WITH owner, one, CASE WHEN owner IS NOT NULL AND size(variants) = 1
     THEN one.variant END AS variant
RETURN variant, count(DISTINCT owner) AS users,
       sum(CASE WHEN owner IS NULL OR variant IS NOT NULL THEN one.lists ELSE 0 END) AS lists,
       sum(one.failed) AS failed, sum(one.x) AS shown, sum(one.y) AS conversions,
       sum(one.v) AS value, sum(one.x * one.x) AS shown_squared,
       sum(one.y * one.y) AS conversions_squared, sum(one.v * one.v) AS value_squared,
       sum(one.x * one.y) AS shown_conversions, sum(one.x * one.v) AS shown_value
ORDER BY variant

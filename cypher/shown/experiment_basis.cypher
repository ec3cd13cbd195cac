// purpose: Tell of the lists of an experiment how many there are, whether anything of them was reported
//   as seen, and which kinds of event name one.
// mode: read
// params: since: INTEGER, until: INTEGER, prefix: STRING
// columns: lists: INTEGER, seen: BOOLEAN, kinds: LIST<STRING>
// complexity: the lists of the time, and the events that name those of the experiment
MATCH (l:List)
USING INDEX l:List(at)
WHERE l.at >= $since AND l.at < $until AND l.variant STARTS WITH $prefix
CALL (l) {
  MATCH ()-[r:INTERACTED]->()
  USING INDEX r:INTERACTED(list)
  WHERE r.list = l.id
  RETURN collect(DISTINCT r.event) AS named
}
WITH count(*) AS lists, coalesce(max(size(l.seen)), 0) > 0 AS seen,
     collect(named) AS named
UNWIND CASE WHEN size(named) = 0 THEN [[]] ELSE named END AS kinds
UNWIND CASE WHEN size(kinds) = 0 THEN [null] ELSE kinds END AS kind
RETURN lists, seen, collect(DISTINCT kind) AS kinds

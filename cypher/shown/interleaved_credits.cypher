// purpose: Sum over the users of an interleaved experiment which team's items they chose: each item of
//   a list counts once. The source of an item begins with its team.
// mode: read
// params: since: INTEGER, until: INTEGER, prefix: STRING, event: STRING, team_a: STRING,
//   team_b: STRING, within: INTEGER, skew: INTEGER, kept_from: STRING
// columns: users: INTEGER, lists: INTEGER, failed: INTEGER, of_nobody: INTEGER, credits_a: INTEGER,
//   credits_b: INTEGER, for_a: INTEGER, for_b: INTEGER, ties: INTEGER
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
  // part: part/attribution_fault
  WITH *
  WHERE fault IS NULL
  WITH DISTINCT l, item
  WITH head([n IN range(0, size(l.items) - 1) WHERE l.items[n] = item.id | l.sources[n]]) AS source
  RETURN sum(CASE WHEN source STARTS WITH $team_a THEN 1 ELSE 0 END) AS a,
         sum(CASE WHEN source STARTS WITH $team_b THEN 1 ELSE 0 END) AS b
}
WITH owner, count(*) AS lists, sum(a) AS a, sum(b) AS b,
     sum(CASE WHEN l.variant ENDS WITH '/failed' THEN 1 ELSE 0 END) AS failed
WITH lists, failed, owner, CASE WHEN owner IS NULL THEN 0 ELSE a END AS a,
     CASE WHEN owner IS NULL THEN 0 ELSE b END AS b
RETURN count(owner) AS users, sum(lists) AS lists, sum(failed) AS failed,
       sum(CASE WHEN owner IS NULL THEN lists ELSE 0 END) AS of_nobody, sum(a) AS credits_a,
       sum(b) AS credits_b, sum(CASE WHEN a > b THEN 1 ELSE 0 END) AS for_a,
       sum(CASE WHEN b > a THEN 1 ELSE 0 END) AS for_b,
       sum(CASE WHEN a = b AND a > 0 THEN 1 ELSE 0 END) AS ties

// purpose: Sum, by group, the lists of a time and the events of one kind that name them.
// mode: read
// params: since: INTEGER, until: INTEGER, event: STRING
// complexity: the lists of the time, with an index lookup each, and the events that name them
MATCH (l:List)
USING INDEX l:List(at)
WHERE l.at >= $since AND l.at < $until
OPTIONAL MATCH (owner:User)-[:WAS_SHOWN]->(l)
CALL (l, owner) {
  MATCH (who:User)-[r:INTERACTED]->(item:Item)
  USING INDEX r:INTERACTED(list)
  WHERE r.list = l.id AND r.event = $event
  // part: part/attribution_fault
  WITH *
  WHERE fault IS NULL
  RETURN collect([[n IN range(1, size(l.items)) WHERE l.items[n - 1] = item.id][0], r.weight]) AS taken
}
// part: part/outcome_sums

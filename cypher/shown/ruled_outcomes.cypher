// purpose: Sum, by group, the lists of a time and the events of one kind that name no list, each of
//   which counts for the newest list of its user from before it that has its item.
// mode: read
// params: since: INTEGER, until: INTEGER, event: STRING, within: INTEGER
// complexity: the lists of the time, with the events of their users, and newer lists of those
MATCH (l:List)
USING INDEX l:List(at)
WHERE l.at >= $since AND l.at < $until
OPTIONAL MATCH (owner:User)-[:WAS_SHOWN]->(l)
CALL (l, owner) {
  MATCH (owner)-[r:INTERACTED]->(item:Item)
  WHERE r.list IS NULL AND r.event = $event AND r.at >= l.at AND r.at < l.at + $within
    AND item.id IN l.items
    AND NOT EXISTS {
      MATCH (owner)-[:WAS_SHOWN]->(newer:List)
      WHERE newer.at <= r.at AND (newer.at > l.at OR newer.at = l.at AND newer.id > l.id)
        AND item.id IN newer.items
    }
  RETURN collect([[n IN range(1, size(l.items)) WHERE l.items[n - 1] = item.id][0], r.weight]) AS taken
}
// part: part/outcome_sums

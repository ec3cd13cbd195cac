// purpose: Take some of the lists from before a moment, the oldest first, to be removed by the same
//   transaction, with the kind and weight of each event that names one and is attributed to it.
// mode: write
// params: before: INTEGER, limit: INTEGER
// columns: id: STRING, day: STRING, generation: INTEGER, list: STRING, listed: INTEGER,
//   impressions: INTEGER, events: LIST<LIST>
// complexity: a range of the index on the times of lists
MERGE (serving:Serving {name: 'default'})
// The lock: two who remove the same lists would count them twice.
SET serving.list_removals = coalesce(serving.list_removals, 0) + 1
WITH serving
MATCH (l:List)
USING INDEX l:List(at)
WHERE l.at < $before
WITH l
ORDER BY l.at
LIMIT $limit
OPTIONAL MATCH (owner:User)-[:WAS_SHOWN]->(l)
CALL (l, owner) {
  MATCH (who:User)-[r:INTERACTED]->(item:Item)
  USING INDEX r:INTERACTED(list)
  WHERE r.list = l.id
  // part: part/attribution_fault
  WITH *
  WHERE fault IS NULL
  RETURN collect([r.event, r.weight]) AS events
}
RETURN l.id AS id, toString(date(datetime({epochMillis: l.at}))) AS day,
       coalesce(l.generation, 0) AS generation, coalesce(l.named, l.by) AS list,
       size(l.items) AS listed, size(coalesce(l.seen, [])) AS impressions, events

// purpose: Count the events of some kinds that name a list of a time, by the reason for which they are
//   not attributed to it; null: they are.
// mode: read
// params: first: STRING, last: STRING, events: LIST<STRING>
// columns: fault: STRING, events: INTEGER
// complexity: a range of the index on the lists that events name
MATCH (who:User)-[r:INTERACTED]->(item:Item)
USING INDEX r:INTERACTED(list)
WHERE r.list >= $first AND r.list < $last AND r.event IN $events
OPTIONAL MATCH (l:List {id: r.list})
OPTIONAL MATCH (owner:User)-[:WAS_SHOWN]->(l)
// part: part/attribution_fault
RETURN fault, count(*) AS events
ORDER BY fault

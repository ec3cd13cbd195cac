// purpose: Show what most often comes after an item in the histories of users; one row. The score
//   is the share of all that followed.
// mode: read
// params: item: STRING of Item, k: INTEGER = 10 in 1..1000, user: STRING = null,
//   exclude_seen: BOOLEAN = true, seen_since: INTEGER = null, seen_events: LIST<STRING> = null,
//   filters: MAP = {}, facts: LIST<LIST<STRING>> = [], block: LIST<STRING> = [],
//   only: LIST<STRING> = null, now: INTEGER = null
// columns: state: STRING, unknown: LIST<STRING>, name: STRING, found: LIST<MAP>
// complexity: the edges of the item, at most as many as the build kept
OPTIONAL MATCH (graph:DerivedGraph {name: 'sequential'})
WITH graph.state AS state
OPTIONAL MATCH (u:User {id: $user})
OPTIONAL MATCH (self:Item {id: $item})
CALL (u, self) {
  MATCH (self)-[edge:FOLLOWED_BY]->(item:Item)
  WHERE NOT coalesce(item.hidden, false)
    AND coalesce(item.expires_at > coalesce($now, timestamp()), true)
    AND NOT item.id IN $block
    AND coalesce(item.id IN $only, true)
    AND all(ids IN $facts WHERE EXISTS { (item)-->(entity:Entity) WHERE entity.key IN ids })
    AND all(attribute IN keys($filters) WHERE CASE
      WHEN valueType(item[attribute]) STARTS WITH 'LIST'
        THEN any(value IN item[attribute] WHERE toString(value) IN $filters[attribute])
      ELSE coalesce(toStringOrNull(item[attribute]) IN $filters[attribute], false) END)
    AND NOT ($exclude_seen AND EXISTS { (u)-[event:INTERACTED]->(item)
      WHERE coalesce(event.at >= $seen_since, true) AND coalesce(event.event IN $seen_events, true) })
  WITH item, edge
  ORDER BY edge.score DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: edge.score, source: 'next',
    count: edge.count
  }) AS found
}
RETURN state, CASE WHEN self IS NULL THEN [$item] ELSE [] END AS unknown,
       coalesce(self.name, self.title) AS name, found

// purpose: Recommend what most events are on; one row. The score is (n / most n)^(1/3).
// mode: read
// params: user: STRING = null, k: INTEGER = 10 in 1..1000,
//   exclude_seen: BOOLEAN = true, seen_since: INTEGER = null, seen_events: LIST<STRING> = null,
//   filters: MAP = {}, facts: LIST<LIST<STRING>> = [], block: LIST<STRING> = [],
//   only: LIST<STRING> = null, now: INTEGER = null
// columns: known: BOOLEAN, generation: INTEGER, basis: STRING, items: LIST<MAP>
// complexity: the degree of every item, from the node
OPTIONAL MATCH (u:User {id: $user})
CALL () {
  MATCH (item:Item)
  RETURN 1.0 * max(COUNT { (item)<-[:INTERACTED]-() }) AS most
}
CALL (u, most) {
  MATCH (item:Item)
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
  WITH item, most, COUNT { (item)<-[:INTERACTED]-() } AS events
  WHERE events > 0
  ORDER BY events DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: (events / most) ^ (1.0 / 3),
    source: 'popular', count: events
  }) AS items
}
RETURN u IS NOT NULL AS known, null AS generation, 'popular' AS basis, items

// purpose: Recommend to a user what follows the items used last; one row. An item scores, for each
//   of the user's newest items, the share of what followed it that the item was, halved with every
//   step back.
// mode: read
// params: user: STRING of User, last: INTEGER = 5 in 1..100,
//   k: INTEGER = 10 in 1..1000,
//   exclude_seen: BOOLEAN = true, seen_since: INTEGER = null, seen_events: LIST<STRING> = null,
//   filters: MAP = {}, facts: LIST<LIST<STRING>> = [], block: LIST<STRING> = [],
//   only: LIST<STRING> = null, now: INTEGER = null
// columns: known: BOOLEAN, generation: INTEGER, basis: STRING, state: STRING, items: LIST<MAP>
// complexity: the user's events, and the edges of the newest items, at most as many as were kept
OPTIONAL MATCH (graph:DerivedGraph {name: 'sequential'})
WITH graph.state AS state
OPTIONAL MATCH (u:User {id: $user})
CALL (u) {
  MATCH (u)-[event:INTERACTED]->(own:Item)
  WITH own, max(event.at) AS at
  ORDER BY coalesce(at, 0) DESC, own.id LIMIT $last
  RETURN collect(own) AS owns
}
CALL (u, owns) {
  UNWIND range(0, size(owns) - 1) AS step
  WITH u, owns[step] AS own, 0.5 ^ step AS weight
  MATCH (own)-[edge:FOLLOWED_BY]->(item:Item)
  WITH u, item, own, weight * edge.score AS part, edge.count AS times
  ORDER BY part DESC, own.id
  WITH u, item, sum(part) AS score, collect(own)[0] AS own, collect(times)[0] AS times
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
  WITH item, score, own, times
  ORDER BY score DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'next',
    because: own.id, because_name: coalesce(own.name, own.title), count: times
  }) AS items
}
RETURN u IS NOT NULL AS known, null AS generation, 'next' AS basis, state, items

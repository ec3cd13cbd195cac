// purpose: Recommend to a user what is most like the items used last; one row. An item scores the
//   highest of cosine * 0.5 ^ (age / half-life) over the user's newest items; because is that one.
//   Ages are taken against the user's newest event, the half-life is that of the generation.
// mode: read
// params: user: STRING of User, last: INTEGER = 5 in 1..50,
//   k: INTEGER = 10 in 1..1000,
//   exclude_seen: BOOLEAN = true, seen_since: INTEGER = null, seen_events: LIST<STRING> = null,
//   filters: MAP = {}, facts: LIST<LIST<STRING>> = [], block: LIST<STRING> = [],
//   only: LIST<STRING> = null, now: INTEGER = null
// columns: known: BOOLEAN, generation: INTEGER, basis: STRING, items: LIST<MAP>
// complexity: the user's events, and an index look-up for each of the newest items
OPTIONAL MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
OPTIONAL MATCH (u:User {id: $user})
WITH g, u, 'embedding_g' + toString(g.number) AS property,
     'item_embedding_g' + toString(g.number) AS index, 86400000.0 * g.half_life_days AS half_life,
     g.over_fetch + $k AS wanted
CALL (u, property) {
  MATCH (u)-[event:INTERACTED]->(own:Item)
  WHERE own[property] IS NOT NULL
  WITH own, max(event.at) AS at
  ORDER BY coalesce(at, 0) DESC, own.id LIMIT $last
  RETURN collect({item: own, at: at}) AS owns
}
CALL (u, owns, property, index, half_life, wanted) {
  UNWIND owns AS one
  WITH u, one.item AS own, property, index,
       CASE WHEN wanted > 1000 THEN 1000 ELSE wanted END AS fetch,
       coalesce(2.0 ^ ((one.at - owns[0].at) / half_life), 1.0) AS weight
  CALL db.index.vector.queryNodes(index, fetch, own[property]) YIELD node AS item, score
  WITH u, item, own, weight * (2.0 * score - 1.0) AS part
  ORDER BY part DESC, own.id
  WITH u, item, max(part) AS score, collect(own)[0] AS own
  WHERE score > 0 AND own <> item
  WITH u, item, score, own
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
  WITH item, score, own
  ORDER BY score DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'because',
    because: own.id, because_name: coalesce(own.name, own.title)
  }) AS items
}
RETURN u IS NOT NULL AS known, g.number AS generation,
       CASE WHEN size(owns) > 0 THEN 'because' ELSE 'no-embedding' END AS basis, items

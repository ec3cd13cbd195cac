// purpose: Recommend to a user what those most like the user have; one row. The nearest are found by
//   vector; for a user without one, by items both have, shared / sqrt(items of one * items of the
//   other). An item scores the share of the nearest that have it, each weighed by its likeness.
// mode: read
// params: user: STRING of User, people: INTEGER = 50 in 1..500, most: INTEGER = 500 in 1..10000,
//   k: INTEGER = 10 in 1..1000,
//   exclude_seen: BOOLEAN = true, seen_since: INTEGER = null, seen_events: LIST<STRING> = null,
//   filters: MAP = {}, facts: LIST<LIST<STRING>> = [], block: LIST<STRING> = [],
//   only: LIST<STRING> = null, now: INTEGER = null
// columns: known: BOOLEAN, generation: INTEGER, basis: STRING, items: LIST<MAP>
// complexity: one index look-up and at most most events of each of the nearest; without a vector
//   also at most most events of each of the user's newest fifty items
// source: Sarwar, Karypis, Konstan, Riedl: Analysis of recommendation algorithms for e-commerce, 2000
OPTIONAL MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
OPTIONAL MATCH (u:User {id: $user})
WITH g, u, u['embedding_g' + toString(g.number)] AS vector,
     'user_embedding_g' + toString(g.number) AS index
CALL (u, vector, index) {
  CALL (u, vector, index) {
    WITH * WHERE vector IS NOT NULL
    CALL db.index.vector.queryNodes(index, $people + 1, vector) YIELD node AS other, score
    WITH u, other, 2.0 * score - 1.0 AS alike
    WHERE other <> u AND alike > 0
    RETURN other, alike
    UNION ALL
    WITH * WHERE vector IS NULL
    MATCH (u)-[event:INTERACTED]->(own:Item)
    WITH u, own, max(event.at) AS at
    ORDER BY coalesce(at, 0) DESC, own.id LIMIT 50
    WITH u, collect(own) AS owns
    UNWIND owns AS own
    CALL (own) {
      MATCH (own)<-[:INTERACTED]-(other:User)
      WITH other LIMIT $most
      RETURN DISTINCT other
    }
    WITH u, owns, other, count(*) AS shared
    WHERE other <> u
    WITH other, shared / sqrt(1.0 * size(owns) * COUNT { (other)-[:INTERACTED]->() }) AS alike
    ORDER BY alike DESC, other.id LIMIT $people
    RETURN other, alike
  }
  RETURN collect({user: other, alike: alike}) AS others, sum(alike) AS all
}
CALL (u, others, all) {
  UNWIND others AS one
  CALL (one) {
    WITH one.user AS other
    MATCH (other)-[:INTERACTED]->(item:Item)
    WITH item LIMIT $most
    RETURN DISTINCT item
  }
  WITH u, item, all, sum(one.alike) AS alike, count(*) AS count
  WITH u, item, alike / all AS score, count
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
  WITH item, score, count
  ORDER BY score DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'people', count: count
  }) AS items
}
RETURN u IS NOT NULL AS known, CASE WHEN vector IS NULL THEN null ELSE g.number END AS generation,
       CASE WHEN vector IS NULL THEN 'shared-items' ELSE 'people' END AS basis, items

// purpose: Recommend items to users from the generation in service; one row per user. The query
//   reads the pointer itself, so no answer mixes two generations. No row: nothing is published.
//   Empty filters keep everything; otherwise an item must have one of the values of each attribute.
// mode: read
// params: users: LIST<STRING>, k: INTEGER, exclude_seen: BOOLEAN, filters: MAP, now: INTEGER
// columns: user: STRING, generation: INTEGER, basis: STRING, items: LIST<MAP>
// complexity: one index look-up of over_fetch + the user's events; one pass over the catalogue only
//   where fewer than k of those may be shown
MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
UNWIND $users AS id
OPTIONAL MATCH (u:User {id: id})
// SEARCH takes no computed index name (2026.08), and the name must follow the pointer.
WITH g, id, u, 'embedding_g' + toString(g.number) AS property, keys($filters) AS attributes,
     'item_embedding_g' + toString(g.number) AS index
WITH g, id, u, property, attributes, index, u[property] AS vector,
     toInteger(ceil(g.over_fetch * CASE WHEN $k > 20 THEN $k / 20.0 ELSE 1.0 END))
       + CASE WHEN $exclude_seen THEN COUNT { (u)-[:INTERACTED]->() } ELSE 0 END AS wanted
WITH *, CASE WHEN wanted > 2000 THEN 2000 ELSE wanted END AS fetch
// 1. Candidates: the user's own items, the nearest by vector, the most popular.
CALL (g, u, attributes, index, vector, fetch) {
  CALL (g, u, index, vector, fetch) {
    MATCH (u)-[event:INTERACTED]->(item:Item)
    WITH g, item, sum(CASE
      WHEN event.at IS NULL OR g.newest_at IS NULL OR event.at > g.newest_at THEN 1.0
      ELSE 2.0 ^ ((event.at - g.newest_at) / (86400000.0 * g.half_life_days)) END) AS repeats
    RETURN item, true AS seen, repeats / (1.0 + repeats) AS again
    UNION ALL
    WITH index, vector, fetch WHERE vector IS NOT NULL
    CALL db.index.vector.queryNodes(index, fetch, vector) YIELD node
    RETURN node AS item, false AS seen, 0.0 AS again
    UNION ALL
    WITH g, vector, fetch WHERE vector IS NULL OR g.popularity_weight > 0
    UNWIND g.popular[0..fetch] AS popular
    MATCH (item:Item {id: popular})
    RETURN item, false AS seen, 0.0 AS again
  }
  WITH attributes, item, max(seen) AS seen, max(again) AS again
  // The exclusion rule: seen, hidden, expired; then the caller's filters.
  WHERE NOT (seen AND $exclude_seen)
    AND NOT coalesce(item.hidden, false)
    AND coalesce(item.expires_at > $now, true)
    AND all(attribute IN attributes WHERE CASE
      WHEN valueType(item[attribute]) STARTS WITH 'LIST'
        THEN any(value IN item[attribute] WHERE toString(value) IN $filters[attribute])
      ELSE coalesce(toStringOrNull(item[attribute]) IN $filters[attribute], false) END)
  RETURN collect({item: item, again: again}) AS found
}
// 2. Too few left: the same rule over the whole catalogue, scored exactly.
// 3. Exact score: z_u·z_i + a·popularity + b·repeats. Without a vector, popularity must decide.
CALL (g, u, property, attributes, vector, found) {
  CALL (u, attributes, found) {
    UNWIND found AS one
    RETURN one.item AS item, one.again AS again
    UNION ALL
    WITH u, attributes, found WHERE size(found) < $k
    MATCH (item:Item)
    WHERE NOT coalesce(item.hidden, false)
      AND coalesce(item.expires_at > $now, true)
      AND all(attribute IN attributes WHERE CASE
        WHEN valueType(item[attribute]) STARTS WITH 'LIST'
          THEN any(value IN item[attribute] WHERE toString(value) IN $filters[attribute])
        ELSE coalesce(toStringOrNull(item[attribute]) IN $filters[attribute], false) END)
      AND NOT EXISTS { (u)-[:INTERACTED]->(item) } // own items, where allowed, are in found
    RETURN item, 0.0 AS again
  }
  WITH g, property, vector, item, max(again) AS again
  WITH g, vector, item,
       CASE WHEN vector IS NULL OR item[property] IS NULL THEN 0.0
         ELSE (2.0 * vector.similarity.cosine(vector, item[property]) - 1.0) * CASE g.scoring
           WHEN 'dot' THEN g.score_scale * sqrt(reduce(s = 0.0, x IN vector | s + x * x))
           ELSE 1.0 END
         END AS affinity,
       CASE WHEN vector IS NULL AND g.popularity_weight = 0 THEN 1.0 ELSE g.popularity_weight END
         * log(1.0 + COUNT { (item)<-[:INTERACTED]-() }) / g.log_max_events AS popularity,
       again * g.again_weight AS repeating
  WITH vector, item, affinity, popularity, repeating,
       affinity + popularity + repeating AS score
  ORDER BY score DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id,
    name: coalesce(item.name, item.title),
    score: score,
    source: CASE
      WHEN repeating > 0 AND repeating >= affinity AND repeating >= popularity THEN 'again'
      WHEN vector IS NULL OR popularity > affinity THEN 'popular'
      ELSE 'embedding' END
  }) AS items
}
RETURN id AS user,
       g.number AS generation,
       CASE WHEN u IS NULL THEN 'unknown-user' WHEN vector IS NULL THEN 'no-embedding'
         ELSE 'embedding' END AS basis,
       items

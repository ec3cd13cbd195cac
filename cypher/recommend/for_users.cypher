// purpose: Recommend items to users from the generation in service; one row per user. The query
//   reads the pointer itself, so no answer mixes two generations. No row: nothing is published.
//   Empty filters keep everything; otherwise an item must have one of the values of each attribute.
//   A plain method in service (g.plain) has no vectors: its weights alone make the score.
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
       AS wanted,
     CASE WHEN $exclude_seen THEN COUNT { (u)-[:INTERACTED]->() } ELSE 0 END AS used
// Read once here: a property of g in a line that runs per item costs more than the rest of it.
WITH id, u, property, attributes, index, vector, g.number AS generation, g.plain AS plain,
     CASE WHEN wanted + used > 2000 THEN 2000 ELSE wanted + used END AS fetch,
     // Where there is no vector these are all there is, and cost nothing to compare.
     g.popular[0..CASE WHEN vector IS NULL THEN wanted + used
       WHEN g.popularity_weight = 0 THEN 0
       WHEN used > 100 THEN g.popular_fetch + $k + 100
       ELSE g.popular_fetch + $k + used END] AS popular,
     g.popular_events AS events, $k + used + 20 AS enough, g.newest_at AS newest,
     g.log_max_events AS top,
     86400000.0 * g.half_life_days AS half_life, g.again_weight AS again_weight,
     CASE WHEN vector IS NULL AND g.popularity_weight = 0 THEN 1.0 ELSE g.popularity_weight END
       AS popularity_weight,
     CASE g.scoring WHEN 'dot' THEN g.score_scale * sqrt(reduce(s = 0.0, x IN vector | s + x * x))
       ELSE 1.0 END AS stretch
// 1. Candidates: the user's own items, the nearest by vector, the most popular.
CALL (index, vector, fetch) {
  WITH * WHERE vector IS NOT NULL
  CALL db.index.vector.queryNodes(index, fetch, vector) YIELD node, score
  RETURN collect([node, 2.0 * score - 1.0]) AS nearest
}
// A popular item that is not near is worth a comparison only where its popularity can make up for
// what even the last of the nearest lacks: most cannot. Filters may leave few of the near ones.
WITH *, [n IN range(0, size(popular) - 1)
  WHERE size(attributes) > 0 OR size(nearest) <= enough
    OR popularity_weight * log(1.0 + events[n]) / top
      >= stretch * (nearest[enough][1] - nearest[-1][1]) | popular[n]] AS popular_enough
CALL (u, attributes, nearest, popular_enough, newest, half_life) {
  CALL (u, nearest, popular_enough, newest, half_life) {
    MATCH (u)-[event:INTERACTED]->(item:Item)
    WITH item, sum(CASE
      WHEN event.at IS NULL OR newest IS NULL OR event.at > newest THEN 1.0
      ELSE 2.0 ^ ((event.at - newest) / half_life) END) AS repeats
    RETURN item, true AS seen, repeats / (1.0 + repeats) AS again, null AS near
    UNION ALL
    UNWIND nearest AS one
    RETURN one[0] AS item, false AS seen, 0.0 AS again, one[1] AS near
    UNION ALL
    UNWIND popular_enough AS id
    MATCH (item:Item {id: id})
    RETURN item, false AS seen, 0.0 AS again, null AS near
  }
  WITH attributes, item, max(seen) AS seen, max(again) AS again, max(near) AS near
  // The exclusion rule: seen, hidden, expired; then the caller's filters.
  WHERE NOT (seen AND $exclude_seen)
    AND NOT coalesce(item.hidden, false)
    AND coalesce(item.expires_at > $now, true)
    AND all(attribute IN attributes WHERE CASE
      WHEN valueType(item[attribute]) STARTS WITH 'LIST'
        THEN any(value IN item[attribute] WHERE toString(value) IN $filters[attribute])
      ELSE coalesce(toStringOrNull(item[attribute]) IN $filters[attribute], false) END)
  RETURN collect({item: item, again: again, near: near}) AS found
}
// 2. Too few left: the same rule over the whole catalogue, scored exactly.
// 3. Exact score: z_u·z_i + a·popularity + b·repeats. Without a vector, popularity must decide.
CALL (u, property, attributes, vector, found, top, popularity_weight, again_weight, stretch) {
  CALL (u, attributes, found) {
    UNWIND found AS one
    RETURN one.item AS item, one.again AS again, one.near AS near
    UNION ALL
    // UNWIND, as a WHERE here would be tested after the scan it is meant to spare.
    UNWIND CASE WHEN size(found) < $k THEN [1] ELSE [] END AS short
    MATCH (item:Item)
    WHERE NOT coalesce(item.hidden, false)
      AND coalesce(item.expires_at > $now, true)
      AND all(attribute IN attributes WHERE CASE
        WHEN valueType(item[attribute]) STARTS WITH 'LIST'
          THEN any(value IN item[attribute] WHERE toString(value) IN $filters[attribute])
        ELSE coalesce(toStringOrNull(item[attribute]) IN $filters[attribute], false) END)
      AND NOT EXISTS { (u)-[:INTERACTED]->(item) } // own items, where allowed, are in found
    RETURN item, 0.0 AS again, null AS near
  }
  WITH vector, item, again * again_weight AS repeating,
       stretch * CASE WHEN near IS NOT NULL THEN near
         WHEN vector IS NULL THEN 0.0
         ELSE coalesce(2.0 * vector.similarity.cosine(vector, item[property]) - 1.0, 0.0)
         END AS affinity,
       popularity_weight * log(1.0 + COUNT { (item)<-[:INTERACTED]-() }) / top AS popularity
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
       generation,
       CASE WHEN u IS NULL THEN 'unknown-user' WHEN plain IS NOT NULL THEN plain
         WHEN vector IS NULL THEN 'no-embedding' ELSE 'embedding' END AS basis,
       items

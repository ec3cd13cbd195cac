// purpose: Recommend items to users from the generation in service; one row per user. The query
//   reads the pointer itself, so no answer mixes two generations. No row: nothing is published.
//   Empty filters keep everything; otherwise an item must have one of the values of each attribute.
//   What a user did since the model learned moves the user's vector; who has none is given the mean
//   of what they used. A plain method in service (g.plain) has no vectors: its weights alone count.
// mode: read
// params: users: LIST<STRING>, k: INTEGER, exclude_seen: BOOLEAN, seen_since: INTEGER, seen_events: LIST<STRING>,
//   filters: MAP, facts: LIST<LIST<STRING>>, block: LIST<STRING>, only: LIST<STRING>, now: INTEGER
// columns: user: STRING, generation: INTEGER, basis: STRING, items: LIST<MAP>
// complexity: one index look-up of over_fetch + the user's events; one pass over the catalogue, or
//   over the items of the first of the facts, only where fewer than k of those may be shown
MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
UNWIND $users AS id
OPTIONAL MATCH (u:User {id: id})
// SEARCH takes no computed index name (2026.08), and the name must follow the pointer.
WITH g, id, u, 'embedding_g' + toString(g.number) AS property,
     'item_embedding_g' + toString(g.number) AS index
// What the user did that the model has not seen, newest first: all of it where there is no vector.
CALL (g, u, property) {
  WITH u, property, u[property] AS vector, g.data_watermark AS watermark, g.newest_at AS newest,
       86400000.0 * g.half_life_days AS half_life, g.scoring = 'dot' AS dot,
       coalesce(g.drift_weight, 0.5) AS drift_weight
  CALL (u, property, vector, watermark, newest) {
    MATCH (u)-[event:INTERACTED]->(item:Item)
    WHERE vector IS NULL OR coalesce(event.batch > watermark, event.at > newest, false)
    WITH property, item, max(event.at) AS at
    WHERE item[property] IS NOT NULL
    ORDER BY at DESC, item.id LIMIT 50
    RETURN collect({at: at, vector: item[property]}) AS fresh
  }
  WITH vector, dot, fresh, drift_weight,
       [one IN fresh | coalesce(2.0 ^ ((one.at - fresh[0].at) / half_life), 1.0)] AS weights
  WITH vector, drift_weight, size(fresh) AS known, CASE WHEN size(fresh) > 0 THEN
         [n IN range(0, size(fresh[0].vector) - 1)
           // The last number of a reduced dot product is no taste, but the length of the item.
           | CASE WHEN dot AND n = size(fresh[0].vector) - 1 THEN 0.0 ELSE
             reduce(s = 0.0, m IN range(0, size(fresh) - 1) | s + weights[m] * fresh[m].vector[n])
           END] END AS drift
  WITH vector, drift_weight, known, drift, sqrt(reduce(s = 0.0, x IN drift | s + x * x)) AS length,
       CASE WHEN vector IS NULL THEN 1.0
         ELSE sqrt(reduce(s = 0.0, x IN vector | s + x * x)) END AS norm
  // A few items say little of a taste: 5 is the prior, measured by benchmarks/between_nights.py.
  RETURN vector IS NULL AND length > 0 AS folded,
         CASE WHEN vector IS NULL THEN known / (known + 5.0) ELSE 1.0 END AS trust,
         CASE WHEN coalesce(length, 0.0) = 0.0 THEN vector
           WHEN vector IS NULL THEN [x IN drift | x / length]
           ELSE [n IN range(0, size(vector) - 1)
             | vector[n] + drift_weight * norm / length * drift[n]] END AS vector
}
WITH g, id, u, property, index, folded, trust, vector,
     toInteger(ceil(g.over_fetch * CASE WHEN $k > 20 THEN $k / 20.0 ELSE 1.0 END))
       AS wanted,
     CASE WHEN $exclude_seen THEN COUNT { (u)-[:INTERACTED]->() } ELSE 0 END AS used
// Read once here: a property of g in a line that runs per item costs more than the rest of it.
WITH id, u, property, index, folded, vector, g.number AS generation, g.plain AS plain,
     CASE WHEN wanted + used > 2000 THEN 2000 ELSE wanted + used END AS fetch,
     // Where there is no vector these are all there is, and cost nothing to compare.
     g.popular[0..CASE WHEN vector IS NULL OR folded THEN 2 * wanted + used
       WHEN g.popularity_weight = 0 THEN 0
       WHEN used > 100 THEN g.popular_fetch + $k + 100
       ELSE g.popular_fetch + $k + used END] AS popular,
     g.popular_events AS events, $k + used + 20 AS enough, g.newest_at AS newest,
     1.0 * g.max_events AS top,
     86400000.0 * g.half_life_days AS half_life, g.again_weight AS again_weight,
     CASE WHEN vector IS NULL AND g.popularity_weight = 0 THEN 1.0 ELSE g.popularity_weight END
       AS popularity_weight,
     trust * CASE g.scoring WHEN 'dot' THEN g.score_scale * sqrt(reduce(s = 0.0, x IN vector | s + x * x))
       ELSE 1.0 END AS stretch,
     size(keys($filters)) + size($facts) + size($block) + size(coalesce($only, [1])) - 1 AS narrow
// 1. Candidates: the user's own items, the nearest by vector, the most popular, those asked for.
CALL (index, vector, fetch) {
  WITH * WHERE vector IS NOT NULL
  CALL db.index.vector.queryNodes(index, fetch, vector) YIELD node, score
  RETURN collect([node, 2.0 * score - 1.0]) AS nearest
}
// A popular item that is not near is worth a comparison only where its popularity can make up for
// what even the last of the nearest lacks: most cannot. Filters may leave few of the near ones.
WITH *, [n IN range(0, size(popular) - 1)
  WHERE narrow > 0 OR size(nearest) <= enough
    OR popularity_weight * (events[n] / top) ^ (1.0 / 3)
      >= stretch * (nearest[enough][1] - nearest[-1][1]) | popular[n]] AS popular_enough
CALL (u, nearest, popular_enough, newest, half_life) {
  CALL (u, nearest, popular_enough, newest, half_life) {
    MATCH (u)-[event:INTERACTED]->(item:Item)
    WITH item,
         max(coalesce(event.at >= $seen_since, true)
           AND coalesce(event.event IN $seen_events, true)) AS seen,
         sum(CASE
      WHEN event.at IS NULL OR newest IS NULL OR event.at > newest THEN 1.0
      ELSE 2.0 ^ ((event.at - newest) / half_life) END) AS repeats
    RETURN item, seen, repeats / (1.0 + repeats) AS again, null AS near
    UNION ALL
    UNWIND nearest AS one
    RETURN one[0] AS item, false AS seen, 0.0 AS again, one[1] AS near
    UNION ALL
    UNWIND popular_enough + coalesce($only, []) AS id
    MATCH (item:Item {id: id})
    RETURN item, false AS seen, 0.0 AS again, null AS near
  }
  WITH item, max(seen) AS seen, max(again) AS again, max(near) AS near
  // The exclusion rule, with what was seen told from above.
  WHERE NOT ($exclude_seen AND seen)
    AND NOT coalesce(item.hidden, false)
    AND coalesce(item.expires_at > coalesce($now, timestamp()), true)
    AND NOT item.id IN $block
    AND coalesce(item.id IN $only, true)
    AND all(ids IN $facts WHERE EXISTS { (item)-->(entity:Entity) WHERE entity.key IN ids })
    AND all(attribute IN keys($filters) WHERE CASE
      WHEN valueType(item[attribute]) STARTS WITH 'LIST'
        THEN any(value IN item[attribute] WHERE toString(value) IN $filters[attribute])
      ELSE coalesce(toStringOrNull(item[attribute]) IN $filters[attribute], false) END)
  RETURN collect({item: item, again: again, near: near}) AS found
}
// 2. Too few left: the same rule over the whole catalogue, scored exactly.
// 3. Exact score: z_u·z_i + a·popularity + b·repeats. Without a vector, popularity must decide.
CALL (u, property, vector, found, top, popularity_weight, again_weight, stretch) {
  CALL (u, found) {
    CALL (u, found) {
      UNWIND found AS one
      RETURN one.item AS item, one.again AS again, one.near AS near
      UNION ALL
      CALL (found) {
        // UNWIND, as a WHERE here would be tested after the scan it is meant to spare.
        UNWIND CASE WHEN size(found) < $k AND $only IS NULL AND size($facts) = 0
          THEN [1] ELSE [] END AS short
        MATCH (item:Item)
        RETURN item
        UNION ALL
        UNWIND CASE WHEN size(found) < $k AND $only IS NULL AND size($facts) > 0
          THEN $facts[0] ELSE [] END AS key
        MATCH (:Entity {key: key})<--(item:Item)
        RETURN DISTINCT item
      }
      WITH u, item
      WHERE NOT coalesce(item.hidden, false)
        AND coalesce(item.expires_at > coalesce($now, timestamp()), true)
        AND NOT item.id IN $block
        AND coalesce(item.id IN $only, true)
        AND all(ids IN $facts WHERE EXISTS { (item)-->(entity:Entity) WHERE entity.key IN ids })
        AND all(attribute IN keys($filters) WHERE CASE
          WHEN valueType(item[attribute]) STARTS WITH 'LIST'
            THEN any(value IN item[attribute] WHERE toString(value) IN $filters[attribute])
          ELSE coalesce(toStringOrNull(item[attribute]) IN $filters[attribute], false) END)
        AND NOT EXISTS { (u)-[:INTERACTED]->(item) } // own items, where allowed, are in found
      RETURN item, 0.0 AS again, null AS near
    }
    // What is near was found before the pass over the catalogue, and again by it.
    RETURN item, max(again) AS again, max(near) AS near
  }
  WITH vector, item, again * again_weight AS repeating,
       stretch * CASE WHEN near IS NOT NULL THEN near
         WHEN vector IS NULL THEN 0.0
         ELSE coalesce(2.0 * vector.similarity.cosine(vector, item[property]) - 1.0, 0.0)
         END AS affinity,
       popularity_weight * (COUNT { (item)<-[:INTERACTED]-() } / top) ^ (1.0 / 3) AS popularity
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
         WHEN folded THEN 'folded-in' WHEN vector IS NULL THEN 'no-embedding'
         ELSE 'embedding' END AS basis,
       items

// purpose: Recommend items to users from the generation in service; one row per user. The query
//   reads the pointer itself, so no answer mixes two generations. No row: nothing is published.
//   A plain method in service (g.plain) has no vectors: its weights alone count. With until, what a
//   user did after it is not known.
// mode: read
// params: users: LIST<STRING>
// columns: subject: STRING, name: STRING, known: BOOLEAN, generation: INTEGER, ranker: STRING,
//   encoder: STRING, basis: STRING, items: LIST<MAP>
// complexity: one index look-up of over_fetch + the user's events; with whole one pass over the
//   catalogue, or over the items of the first of the facts
// part: part/serving_generation
  AND g IS NOT NULL AND NOT coalesce(g.counts, false) AND g.edges IS NULL
WITH g, [(g)-[:RANKS_BY]->(one:Ranker) | one.sha256][0] AS ranker
UNWIND $users AS subject
OPTIONAL MATCH (u:User {id: subject})
WITH g, ranker, subject, u, 'embedding_g' + toString(g.number) AS property,
     'item_embedding_g' + toString(g.number) AS index
// part: part/folded_vector
WITH g, ranker, subject, u, property, index, folded, trust, vector,
     toInteger(ceil(g.over_fetch * CASE WHEN $k > 20 THEN $k / 20.0 ELSE 1.0 END)) AS wanted,
     CASE WHEN $exclude_seen THEN COUNT { (u)-[:INTERACTED]->() } ELSE 0 END AS used
// Read once here: a property of g in a line that runs per item costs more than the rest of it.
WITH subject, u, index, vector, g.number AS generation, ranker, g.user_encoder AS encoder,
     CASE WHEN u IS NULL THEN 'unknown-user' WHEN g.plain IS NOT NULL THEN g.plain
       WHEN folded THEN 'folded-in' WHEN vector IS NULL THEN 'no-embedding' ELSE 'embedding' END
       AS basis,
     CASE WHEN $whole THEN 0 WHEN wanted + used > 2000 THEN 2000 ELSE wanted + used END AS fetch,
     // Where there is no vector these are all there is, and cost nothing to compare.
     g.popular[0..CASE WHEN $whole THEN 0
       WHEN vector IS NULL OR folded THEN 2 * wanted + used
       WHEN g.popularity_weight = 0 THEN 0
       WHEN used > 100 THEN g.popular_fetch + $k + 100
       ELSE g.popular_fetch + $k + used END] AS popular,
     g.popular_events AS events, $k + used + 20 AS enough, g.newest_at AS newest,
     86400000.0 * g.half_life_days AS half_life, g.again_weight AS again_weight, g.kinds AS kinds,
     g.kind_weights AS kind_weights, size(keys($filters)) + size($facts) + size($block) AS narrow,
     {
       vectors: CASE WHEN vector IS NULL THEN [] ELSE [vector] END, weights: [1.0], details: [{}],
       property: property, top: 1.0 * g.max_events, without: [], least: 0.0,
       again_weight: g.again_weight, newest: g.newest_at, half_life: 86400000.0 * g.half_life_days,
       kinds: g.kinds, kind_weights: g.kind_weights,
       weighed: CASE WHEN g.weighed_items > 0 THEN property + '_weighed' END,
       popularity: CASE WHEN vector IS NULL AND g.popularity_weight = 0 THEN 1.0
         ELSE g.popularity_weight END,
       stretch: trust * CASE g.scoring
         // Nothing is near to who has no vector: popularity counts alone.
         WHEN 'dot' THEN g.score_scale * sqrt(reduce(s = 0.0, x IN coalesce(vector, []) | s + x * x))
         ELSE 1.0 END
     } AS probe
// Candidates: the user's own items, the nearest by vector, the most popular.
// part: part/nearest_items
// A popular item that is not near is worth a comparison only where its popularity can make up for
// what even the last of the nearest lacks: most cannot. Filters may leave few of the near ones.
WITH *, [n IN range(0, size(popular) - 1)
  WHERE narrow > 0 OR size(nearest) <= enough
    OR probe.popularity * (events[n] / probe.top) ^ (1.0 / 3)
      >= probe.stretch * (nearest[enough][1] - nearest[-1][1]) | popular[n]] AS popular_enough
CALL (u, nearest, popular_enough, newest, half_life, again_weight, kinds, kind_weights) {
  CALL (u, nearest, popular_enough, newest, half_life, again_weight, kinds, kind_weights) {
    UNWIND CASE WHEN $whole THEN [] ELSE [1] END AS every
    MATCH (u)-[event:INTERACTED]->(item:Item)
    WHERE coalesce(event.at <= $until, true)
    WITH item,
         max(coalesce(event.at >= $seen_since, true)
           AND coalesce(event.event IN $seen_events, true)) AS seen,
         sum(CASE
           WHEN event.at IS NULL OR newest IS NULL OR event.at > newest THEN 1.0
           ELSE 2.0 ^ ((event.at - newest) / half_life) END *
           // part: part/kind_weight
         ) AS repeats
    RETURN item, seen, again_weight * repeats / (1.0 + repeats) AS bonus, null AS near
    UNION ALL
    UNWIND nearest AS one
    RETURN one[0] AS item, false AS seen, 0.0 AS bonus, one[1] AS near
    UNION ALL
    UNWIND popular_enough AS id
    MATCH (item:Item {id: id})
    RETURN item, false AS seen, 0.0 AS bonus, null AS near
  }
  WITH item, max(seen) AS seen, max(bonus) AS bonus, max(near) AS near
  RETURN collect({item: item, seen: seen, bonus: bonus, near: near}) AS found
}
WITH subject, null AS name, u IS NOT NULL AS known, generation, ranker, encoder, basis, u, found,
     probe
// part: part/best_of_all
RETURN subject, name, known, generation, ranker, encoder, basis,
       [item IN items | item {.id, .name, .score, .source}] AS items

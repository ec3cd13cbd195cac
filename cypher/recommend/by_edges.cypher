// purpose: Recommend items to users by the filter in service: two hops, from a user to the own items
//   and along the edges that stand on each of them. What the user does counts at once: nothing of a
//   user is stored. engine/models/item_filter.py is the same in NumPy.
// mode: read
// params: users: LIST<STRING>
// columns: subject: STRING, name: STRING, known: BOOLEAN, generation: INTEGER, ranker: STRING,
//   basis: STRING, items: LIST<MAP>
// complexity: the user's events, and the edges of at most g.profile_items own items; with whole one
//   pass over the catalogue, or over the items of the first of the facts
// part: part/serving_generation
  AND g IS NOT NULL AND g.edges IS NOT NULL
WITH g, [(g)-[:RANKS_BY]->(one:Ranker) | one.sha256][0] AS ranker
UNWIND $users AS subject
OPTIONAL MATCH (u:User {id: subject})
WITH g, ranker, subject, u, 'embedding_g' + toString(g.number) AS property
// Read once here: a property of g in a line that runs per event costs more than the rest of it.
WITH ranker, subject, u, property, g.number AS generation, g.newest_at AS newest,
     86400000.0 * g.half_life_days AS half_life, g.again_weight AS again_weight,
     86400000.0 * g.profile_half_life_days AS profile_half_life, g.confidence AS confidence,
     coalesce(g.threshold, -1.0e300) AS least, g.profile_items AS profile_items,
     g.popularity_weight AS popularity_weight, g.popular AS popular, 1.0 * g.max_events AS top,
     CASE WHEN g.recent THEN property + '_recent' END AS recent,
     size(keys($filters)) + size($facts) + size($block) AS narrow
CALL (u, newest, half_life, again_weight, profile_half_life, confidence, least) {
  MATCH (u)-[event:INTERACTED]->(item:Item)
  WITH item, event.at AS at, coalesce(event.weight, 1.0) AS weight,
       coalesce(event.at >= $seen_since, true) AND coalesce(event.event IN $seen_events, true) AS seen,
       newest, half_life, again_weight, profile_half_life, confidence, least
  WITH item, max(seen) AS seen, max(at) AS latest, again_weight, confidence,
       sum(CASE WHEN at IS NULL OR newest IS NULL OR at > newest THEN 1.0
         ELSE 2.0 ^ ((at - newest) / half_life) END) AS repeats,
       sum(CASE WHEN weight >= least THEN weight ELSE 0.0 END) AS total,
       max(CASE WHEN weight < least THEN null
         WHEN at IS NULL OR newest IS NULL OR profile_half_life = 0 THEN 1.0
         ELSE 2.0 ^ ((at - newest) / profile_half_life) END) AS fresh
  RETURN collect({
    item: item, seen: seen, latest: latest, bonus: again_weight * repeats / (1.0 + repeats),
    share: fresh * CASE WHEN NOT confidence IN ['linear', 'log'] THEN 1.0 WHEN total <= 0 THEN 0.0
      WHEN confidence = 'log' THEN log(1.0 + total) ELSE total END
  }) AS own
}
CALL (own, property, profile_items) {
  UNWIND own AS one
  WITH property, profile_items, one
  WHERE one.share > 0
  ORDER BY one.share DESC, one.latest DESC, one.item.id
  WITH property, collect(one)[0..profile_items] AS profile
  WITH property, profile, reduce(all = 0.0, one IN profile | all + one.share) AS all
  UNWIND profile AS one
  WITH one.share / all AS share, one.item[property + '_edges'] AS ids,
       one.item[property + '_weights'] AS weights
  UNWIND range(0, size(ids) - 1) AS n
  WITH ids[n] AS id, sum(share * weights[n]) AS near
  ORDER BY near DESC, id
  LIMIT CASE WHEN $whole THEN 10000000 ELSE 2000 END
  RETURN collect({id: id, near: near}) AS reached
}
WITH *, CASE WHEN $whole THEN size(reached)
  WHEN popularity_weight > 0 OR narrow > 0 THEN $k + 300 + size(own)
  ELSE $k + 20 + size(own) END AS enough
WITH subject, u, generation, ranker, own, reached[0..enough] AS reached,
     CASE WHEN u IS NULL THEN 'unknown-user' WHEN size(reached) = 0 THEN 'no-embedding'
       ELSE 'edges' END AS basis,
     CASE WHEN $whole OR (popularity_weight = 0 AND size(reached) > 0) THEN []
       ELSE popular[0..$k + 20 + CASE WHEN size(own) > 200 THEN 200 ELSE size(own) END] END AS popular,
     {
       vectors: [], weights: [], details: [], property: property, without: [], stretch: 1.0,
       least: 0.0, top: top, recent: recent,
       popularity: CASE WHEN size(reached) = 0 AND popularity_weight = 0 THEN 1.0
         ELSE popularity_weight END
     } AS probe
CALL (own, reached, popular) {
  CALL (own, reached, popular) {
    UNWIND reached AS one
    MATCH (item:Item {id: one.id})
    RETURN item, one.near AS near, 0.0 AS bonus, false AS seen
    UNION ALL
    UNWIND own AS one
    RETURN one.item AS item, 0.0 AS near, one.bonus AS bonus, one.seen AS seen
    UNION ALL
    UNWIND popular AS id
    MATCH (item:Item {id: id})
    RETURN item, 0.0 AS near, 0.0 AS bonus, false AS seen
  }
  WITH item, max(near) AS near, max(bonus) AS bonus, max(seen) AS seen
  RETURN collect({
    item: item, near: near, bonus: bonus, seen: seen,
    source: CASE WHEN bonus > 0 AND bonus >= near THEN 'again' WHEN near > 0 THEN 'filter' END
  }) AS found
}
WITH subject, null AS name, u IS NOT NULL AS known, generation, ranker, basis, u, found, probe
// part: part/best_of_all
RETURN subject, name, known, generation, ranker, basis,
       [item IN items | item {.id, .name, .score, .source}] AS items

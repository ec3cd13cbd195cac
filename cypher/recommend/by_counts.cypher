// purpose: Recommend items to users by the plain method in service that counts: one row per user. The
//   user's own events are counted now; what the users most like the user have stands on the user, as
//   it was when the generation was published. engine/models/user_knn.py, personal_frequency.py and
//   popular.py are the same in NumPy.
// mode: read
// params: users: LIST<STRING>
// columns: subject: STRING, name: STRING, known: BOOLEAN, generation: INTEGER, ranker: STRING,
//   basis: STRING, items: LIST<MAP>
// complexity: the user's events and one look-up for each of some hundred items; with whole one pass
//   over the catalogue and, for user-knn, the events of the users most like the user
// part: part/serving_generation
  AND g IS NOT NULL AND g.counts
WITH g, [(g)-[:RANKS_BY]->(one:Ranker) | one.sha256][0] AS ranker
UNWIND $users AS subject
OPTIONAL MATCH (u:User {id: subject})
WITH g, ranker, subject, u, 'embedding_g' + toString(g.number) AS property,
     CASE WHEN $exclude_seen THEN COUNT { (u)-[:INTERACTED]->() } ELSE 0 END AS used
WITH subject, u, g.number AS generation, ranker, g.newest_at AS newest, g.own_weight AS own_weight,
     g.others_weight AS others_weight, 86400000.0 * g.half_life_days AS half_life, g.kinds AS kinds,
     g.kind_weights AS kind_weights,
     CASE WHEN u IS NULL THEN 'unknown-user' ELSE g.plain END AS basis,
     CASE WHEN $whole THEN [] ELSE coalesce(u[property + '_others'], []) END AS others,
     u[property + '_counts'] AS counts,
     // Somebody with neighbours has candidates enough: where filters leave too few, whole is asked.
     CASE WHEN $whole OR u[property + '_others'] IS NOT NULL OR (u IS NOT NULL AND g.own_only)
       THEN []
       ELSE g.popular[0..$k + 20 + CASE WHEN used > 200 THEN 200 ELSE used END] END AS popular,
     // Popularity that is worth less than an event cannot bring one of the last to the front.
     CASE WHEN g.popularity_weight < 0.01 AND NOT $whole
         AND size(keys($filters)) + size($facts) + size($block) = 0 AND $seen_since IS NULL
       THEN $k + 100 ELSE 1000000 END AS most,
     {
       vectors: [], weights: [], details: [], property: property, without: [], stretch: 0.0,
       top: 1.0 * g.max_events, popularity: g.popularity_weight,
       recent: CASE WHEN g.recent THEN property + '_recent' END,
       weighed: CASE WHEN g.weighed_items > 0 THEN property + '_weighed' END,
       // With null an item that the user never had is left out.
       least: CASE WHEN u IS NULL OR NOT g.own_only THEN 0.0 END
     } AS probe
CALL (u, generation, newest, half_life, own_weight, others_weight, kinds, kind_weights, others, counts,
  popular, most, probe) {
  CALL (u, generation, newest, half_life, own_weight, others_weight, kinds, kind_weights, others, counts,
    popular) {
    WITH * WHERE own_weight > 0
    MATCH (u)-[event:INTERACTED]->(item:Item)
    WHERE coalesce(event.at <= $until, true)
    WITH own_weight, item,
         max(coalesce(event.at >= $seen_since, true)
           AND coalesce(event.event IN $seen_events, true)) AS seen,
         sum(CASE
           WHEN event.at IS NULL OR newest IS NULL OR event.at > newest THEN 1.0
           ELSE 2.0 ^ ((event.at - newest) / half_life) END *
           // part: part/kind_weight
         ) AS count
    WHERE count > 0
    RETURN item.id AS id, item, seen, own_weight * count AS mine, 0.0 AS theirs
    UNION ALL
    UNWIND range(0, size(others) - 1) AS n
    RETURN others[n] AS id, null AS item, null AS seen, 0.0 AS mine,
           others_weight * counts[n] AS theirs
    UNION ALL
    WITH * WHERE $whole AND others_weight > 0
    MATCH (u)-[edge:SIMILAR]->(other:User)
    WHERE edge.generation = generation
    WITH newest, half_life, others_weight, kinds, kind_weights,
         collect({user: other, score: edge.score}) AS edges, sum(edge.score) AS all
    UNWIND edges AS edge
    WITH newest, half_life, others_weight, kinds, kind_weights, all, edge.user AS other,
         edge.score AS score
    MATCH (other)-[event:INTERACTED]->(item:Item)
    WHERE coalesce(event.at <= newest, true)
    WITH others_weight, all, item, sum(score * CASE WHEN event.at IS NULL OR newest IS NULL THEN 1.0
      ELSE 2.0 ^ ((event.at - newest) / half_life) END *
      // part: part/kind_weight
    ) AS count
    WHERE count > 0
    RETURN item.id AS id, item, null AS seen, 0.0 AS mine, others_weight * count / all AS theirs
    UNION ALL
    UNWIND popular AS id
    RETURN id, null AS item, null AS seen, 0.0 AS mine, 0.0 AS theirs
  }
  WITH most, probe, id, collect(item)[0] AS node, max(seen) AS seen, sum(mine) AS mine,
       sum(theirs) AS theirs
  WHERE NOT ($exclude_seen AND coalesce(seen, false))
  ORDER BY mine + theirs DESC, id
  WITH most, probe, collect({id: id, node: node, seen: seen, mine: mine, theirs: theirs}) AS ranked
  UNWIND ranked[0..most] AS one
  CALL (one) {
    WITH one WHERE one.node IS NULL
    MATCH (item:Item {id: one.id})
    RETURN item
    UNION ALL
    WITH one WHERE one.node IS NOT NULL
    RETURN one.node AS item
  }
  WITH item, one, probe.popularity * CASE WHEN probe.popularity = 0 THEN 0.0
    WHEN probe.recent IS NOT NULL THEN coalesce(item[probe.recent], 0.0)
    WHEN probe.weighed IS NOT NULL
      THEN (coalesce(item[probe.weighed], 0.0) / probe.top) ^ (1.0 / 3)
    ELSE (
      // part: part/events_of_item
      / probe.top) ^ (1.0 / 3) END AS popularity
  RETURN collect({
    item: item, seen: one.seen, score: one.mine + one.theirs + popularity,
    source: CASE WHEN one.mine > 0 AND one.mine >= one.theirs THEN 'again'
      WHEN one.theirs > popularity THEN 'people' ELSE 'popular' END
  }) AS found
}
WITH subject, null AS name, u IS NOT NULL AS known, generation, ranker, basis, u, found, probe
// part: part/best_of_all
RETURN subject, name, known, generation, ranker, basis,
       [item IN items | item {.id, .name, .score, .source}] AS items

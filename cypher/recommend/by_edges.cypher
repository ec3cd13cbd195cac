// purpose: Recommend items to users by the filter in service: two hops, from a user to the own items
//   and along the edges that stand on each of them. What the user does counts at once: nothing of a
//   user is stored. engine/models/item_filter.py is the same in NumPy.
// mode: read
// params: users: LIST<STRING>
// columns: subject: STRING, name: STRING, known: BOOLEAN, generation: INTEGER, ranker: STRING,
//   basis: STRING, items: LIST<MAP>
// complexity: the user's events, and g.list_edges edges of the own items; with whole one pass over the
//   catalogue, or over the items of the first of the facts
// part: part/serving_generation
  AND g IS NOT NULL AND g.edges IS NOT NULL
WITH g, [(g)-[:RANKS_BY]->(one:Ranker) | one.sha256][0] AS ranker
UNWIND $users AS subject
OPTIONAL MATCH (u:User {id: subject})
// Read once here: a property of g in a line that runs per event costs more than the rest of it.
WITH g, ranker, subject, u, g.newest_at AS newest, 86400000.0 * g.half_life_days AS half_life,
     g.again_weight AS again_weight, g.kinds AS kinds, g.kind_weights AS kind_weights,
     size(keys($filters)) + size($facts) + size($block) AS narrow
CALL (u, newest, half_life, again_weight, kinds, kind_weights) {
  MATCH (u)-[event:INTERACTED]->(item:Item)
  WHERE coalesce(event.at <= $until, true)
  WITH item, again_weight,
       max(coalesce(event.at >= $seen_since, true)
         AND coalesce(event.event IN $seen_events, true)) AS seen,
       sum(CASE
         WHEN event.at IS NULL OR newest IS NULL OR event.at > newest THEN 1.0
         ELSE 2.0 ^ ((event.at - newest) / half_life) END *
         // part: part/kind_weight
       ) AS repeats
  WITH item, seen, again_weight * repeats / (1.0 + repeats) AS bonus
  ORDER BY bonus DESC, item.id
  RETURN collect({item: item, seen: seen, bonus: bonus}) AS own
}
WITH *, $until AS until, g.popularity_weight > 0 AS by_popularity,
     CASE WHEN size(own) > 200 THEN 200 ELSE size(own) END AS had
WITH *, CASE WHEN $whole THEN [] ELSE g.popular[0..$k + 20 + had] END AS popular
// What else brings up, however far down the edges leave it.
WITH *, CASE WHEN by_popularity THEN popular ELSE [] END
  + CASE WHEN again_weight > 0 THEN [one IN own[0..100] | one.item.id] ELSE [] END AS named
CALL (g, u, until, named) {
  CALL (g, u, until, named) {
    // part: part/filter_profile
    RETURN share, mine[property + '_edges'][0..followed] AS ids,
           mine[property + '_weights'] AS weights
    UNION ALL
    RETURN null AS share, named AS ids, [] AS weights
  }
  UNWIND range(0, coalesce(size(ids), 0) - 1) AS n
  WITH ids[n] AS id, 1.0 * sum(share * weights[n]) AS near, max(share IS NULL) AS first
  ORDER BY first DESC, near DESC, id
  LIMIT CASE WHEN $whole THEN 10000000 ELSE 2 * $k + 620 END
  RETURN collect({id: id, near: near}) AS all_reached
}
// Popularity may bring up what is far down; filters may leave few.
WITH *, all_reached[0..CASE WHEN $whole THEN size(all_reached)
  WHEN by_popularity OR narrow > 0
    THEN $k + 300 + CASE WHEN size(named) > had THEN size(named) ELSE had END
  ELSE $k + 20 + size(own) + size(named) END] AS reached
WITH *, any(one IN reached WHERE one.near <> 0) AS leads_somewhere
WITH subject, u, g.number AS generation, ranker, own, reached,
     CASE WHEN u IS NULL THEN 'unknown-user' WHEN leads_somewhere THEN 'edges'
       ELSE 'no-embedding' END AS basis,
     CASE WHEN by_popularity OR leads_somewhere THEN [] ELSE popular END AS popular,
     {
       vectors: [], weights: [], details: [], property: '', without: [], stretch: 1.0,
       least: 0.0, top: 1.0 * g.max_events,
       recent: CASE WHEN g.recent THEN 'embedding_g' + toString(g.number) + '_recent' END,
       weighed: CASE WHEN g.weighed_items > 0 THEN 'embedding_g' + toString(g.number) + '_weighed' END,
       popularity: CASE WHEN NOT leads_somewhere AND g.popularity_weight = 0 THEN 1.0
         ELSE g.popularity_weight END
     } AS probe
CALL (own, reached, popular) {
  CALL (own, reached, popular) {
    UNWIND reached AS one
    MATCH (item:Item {id: one.id})
    RETURN item, one.near AS near, 0.0 AS bonus, false AS seen
    UNION ALL
    UNWIND own AS one
    RETURN one.item AS item, null AS near, one.bonus AS bonus, one.seen AS seen
    UNION ALL
    UNWIND popular AS id
    MATCH (item:Item {id: id})
    RETURN item, null AS near, 0.0 AS bonus, false AS seen
  }
  WITH item, coalesce(max(near), 0.0) AS near, max(bonus) AS bonus, max(seen) AS seen
  RETURN collect({
    item: item, near: near, bonus: bonus, seen: seen,
    source: CASE WHEN bonus > 0 AND bonus >= near THEN 'again' WHEN near > 0 THEN 'filter' END
  }) AS found
}
WITH subject, null AS name, u IS NOT NULL AS known, generation, ranker, basis, u, found, probe
// part: part/best_of_all
RETURN subject, name, known, generation, ranker, basis,
       [item IN items | item {.id, .name, .score, .source}] AS items

// purpose: The profile of a user that the edges of a filter are weighed by: the own items that count
//   most, with what each adds. No row where the generation is no filter. profiles() of
//   engine/models/item_filter.py is the same in NumPy.
// given: g: NODE, u: NODE or null, until: INTEGER or null: no event after it counts
// gives: a row for each own item: mine: NODE, share: FLOAT, all of them adding up to 1,
//   property: STRING, followed: INTEGER, how many of its edges count, as EdgeSums has it
// params: none
WITH u, until, 'embedding_g' + toString(g.number) AS property, g.profile_items AS profile_items,
     // Of a generation that was published without a bound, all edges count: an item has 1,000 at most.
     coalesce(g.list_edges, 1000 * g.profile_items) AS list_edges,
     g.confidence AS confidence, coalesce(g.threshold, -1.0e300) AS least,
     86400000.0 * g.profile_half_life_days AS half_life, coalesce(until, g.newest_at) AS newest,
     g.edges AS edges, g.kinds AS kinds, g.kind_weights AS kind_weights
WHERE edges IS NOT NULL
WITH *,
     // part: part/disliked_items
     AS disliked
MATCH (u)-[event:INTERACTED]->(mine:Item)
WHERE coalesce(event.at <= until, true) AND NOT mine IN disliked
WITH property, profile_items, list_edges, confidence, least, half_life, newest, mine, event,
     // part: part/kind_weight
     AS factor
WITH *, factor * coalesce(event.weight, 1.0) AS weight
WHERE factor > 0 AND weight >= least
WITH property, profile_items, list_edges, confidence, mine, max(event.at) AS latest,
     sum(weight) AS total,
     max(CASE WHEN event.at IS NULL OR newest IS NULL OR half_life <= 0 THEN 1.0
       ELSE 2.0 ^ ((event.at - newest) / half_life) END) AS fresh
WITH property, profile_items, list_edges, mine, latest,
     fresh * CASE WHEN NOT confidence IN ['linear', 'log'] THEN 1.0 WHEN total <= 0 THEN 0.0
       WHEN confidence = 'log' THEN log(1.0 + total) ELSE total END AS share
WHERE share > 0
// An event without a time is older than all others; null would come first.
ORDER BY share DESC, coalesce(latest, 0) DESC, mine.id
WITH property, profile_items, list_edges, collect({mine: mine, share: share}) AS own
WITH property, list_edges, own[0..profile_items] AS own
WITH property, own, reduce(all = 0.0, one IN own | all + one.share) AS all,
     CASE WHEN size(own) = 0 THEN 0 WHEN list_edges / size(own) < 50 THEN 50
       ELSE list_edges / size(own) / 50 * 50 END AS followed
UNWIND own AS one
WITH property, followed, one.mine AS mine, one.share / all AS share

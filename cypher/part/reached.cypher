// purpose: What the edges of a filter lead to from the items of a user: the user's profile times the
//   edges. No row where the generation is no filter. engine/models/item_filter.py is the same in
//   NumPy.
// given: g: NODE, u: NODE or null, until: INTEGER or null: no event after it counts
// gives: a row for each item that is reached: id: STRING, near: FLOAT
// params: none
WITH u, until, 'embedding_g' + toString(g.number) AS property, g.profile_items AS profile_items,
     g.confidence AS confidence, coalesce(g.threshold, -1.0e300) AS least,
     86400000.0 * g.profile_half_life_days AS half_life, coalesce(until, g.newest_at) AS newest,
     g.edges AS edges, g.kinds AS kinds, g.kind_weights AS kind_weights
WHERE edges IS NOT NULL
MATCH (u)-[event:INTERACTED]->(item:Item)
WHERE coalesce(event.at <= until, true)
WITH property, profile_items, confidence, least, half_life, newest, item, event,
     // part: part/kind_weight
     AS factor
WITH *, factor * coalesce(event.weight, 1.0) AS weight
WHERE factor > 0 AND weight >= least
WITH property, profile_items, confidence, item, max(event.at) AS latest,
     sum(weight) AS total,
     max(CASE WHEN event.at IS NULL OR newest IS NULL OR half_life <= 0 THEN 1.0
       ELSE 2.0 ^ ((event.at - newest) / half_life) END) AS fresh
WITH property, profile_items, item, latest,
     fresh * CASE WHEN NOT confidence IN ['linear', 'log'] THEN 1.0 WHEN total <= 0 THEN 0.0
       WHEN confidence = 'log' THEN log(1.0 + total) ELSE total END AS share
WHERE share > 0
ORDER BY share DESC, latest DESC, item.id
WITH property, profile_items, collect({item: item, share: share}) AS own
WITH property, own[0..profile_items] AS own
WITH property, own, reduce(all = 0.0, one IN own | all + one.share) AS all
UNWIND own AS one
WITH one.share / all AS share, one.item[property + '_edges'] AS ids,
     one.item[property + '_weights'] AS weights
UNWIND range(0, coalesce(size(ids), 0) - 1) AS n
WITH ids[n] AS id, sum(share * weights[n]) AS near

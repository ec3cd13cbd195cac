// purpose: The vector of a user as it is now: the one that was made of the newest items for this
//   generation, where one was. Else what was done since the model learned moves the stored one, and
//   who has none is given the mean direction of what was used, each by what its kind weighs;
//   engine/evaluation/fold_in.py does the same in NumPy, for the gate. Disliked items move it away, old
//   ones too: not every model learned from them.
// given: g: NODE, u: NODE or null, property: STRING
// gives: vector: LIST<FLOAT> or null, folded: BOOLEAN, trust: FLOAT
// params: made: MAP = {}, made_for: INTEGER = null, until: INTEGER = null
CALL (g, u, property) {
  WITH g, u, property, CASE WHEN g.number = $made_for THEN $made[u.id] END AS made
  WITH u, property, made IS NOT NULL AS is_made, coalesce(made, u[property]) AS vector,
       g.data_watermark AS watermark, g.newest_at AS newest,
       86400000.0 * g.half_life_days AS half_life, g.scoring = 'dot' AS dot,
       coalesce(g.drift_weight, 0.5) AS drift_weight, g.kinds AS kinds,
       g.kind_weights AS kind_weights
  // What the user did that the model has not seen, newest first: all where there is no vector.
  CALL (u, property, is_made, vector, watermark, newest, kinds, kind_weights) {
    MATCH (u)-[event:INTERACTED|DISLIKES]->(item:Item)
    WHERE coalesce(event.at <= $until, true) AND NOT is_made AND (vector IS NULL OR event:DISLIKES
      OR coalesce(event.batch > watermark, event.at > newest, false))
    WITH property, item, event, CASE WHEN event:DISLIKES THEN -1.0 ELSE
      // part: part/kind_weight
      END AS weight
    WHERE weight <> 0
    WITH property, item, max(event.at) AS at,
         CASE WHEN min(weight) < 0 THEN -1.0 ELSE max(weight) END AS weight
    WHERE item[property] IS NOT NULL
    // An event without a time is older than all others; null would come first.
    ORDER BY coalesce(at, 0) DESC, item.id LIMIT 50
    RETURN collect({at: at, weight: weight, vector: item[property]}) AS fresh
  }
  WITH vector, dot, fresh, drift_weight,
       [one IN fresh | one.weight * coalesce(2.0 ^ ((one.at - fresh[0].at) / half_life), 1.0)] AS weights
  WITH vector, drift_weight, size(fresh) AS known, CASE WHEN size(fresh) > 0 THEN
         [n IN range(0, size(fresh[0].vector) - 1)
           // The last number of a reduced dot product is no taste, but the length of the item.
           | CASE WHEN dot AND n = size(fresh[0].vector) - 1 THEN 0.0 ELSE
             reduce(s = 0.0, m IN range(0, size(fresh) - 1) | s + weights[m] * fresh[m].vector[n])
           END] END AS drift
  WITH vector, drift_weight, known, drift, sqrt(reduce(s = 0.0, x IN drift | s + x * x)) AS length,
       CASE WHEN vector IS NULL THEN 1.0
         ELSE sqrt(reduce(s = 0.0, x IN vector | s + x * x)) END AS norm
  RETURN vector IS NULL AND length > 0 AS folded,
         // A few items say little of a taste: 5 is the prior, by benchmarks/between_nights.py.
         CASE WHEN vector IS NULL THEN known / (known + 5.0) ELSE 1.0 END AS trust,
         CASE WHEN coalesce(length, 0.0) = 0.0 THEN vector
           WHEN vector IS NULL THEN [x IN drift | x / length]
           ELSE [n IN range(0, size(vector) - 1)
             | vector[n] + drift_weight * norm / length * drift[n]] END AS vector
}

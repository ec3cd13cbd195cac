// purpose: The generation in service, or the one that is pinned for a variant of an experiment. No row
//   where it is another than the one that is asked for: SEARCH names its index in the text, and the
//   pointer may have moved since that was written.
// gives: g: NODE or null
// params: generation: INTEGER = null, pinned: INTEGER = null
OPTIONAL MATCH (:Serving {name: 'default'})-[:USES]->(here:Generation)
OPTIONAL MATCH (there:Generation {number: $pinned})
WITH CASE WHEN $pinned IS NULL THEN here ELSE there END AS g
WHERE coalesce(g.number = $generation, $generation IS NULL)

// purpose: The generation in service. No row where it is another than the one that is asked for: SEARCH
//   names its index in the text, and the pointer may have moved since that was written.
// gives: g: NODE or null
// params: generation: INTEGER = null
OPTIONAL MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
WITH g
WHERE coalesce(g.number = $generation, $generation IS NULL)

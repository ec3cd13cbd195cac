// purpose: What kinds of event weigh in the generation in service; null where all count alike, or
//   nothing is published.
// gives: kinds: LIST<STRING> or null, kind_weights: LIST<FLOAT> or null
// params: none
OPTIONAL MATCH (:Serving {name: 'default'})-[:USES]->(serving:Generation)
WITH *, serving.kinds AS kinds, serving.kind_weights AS kind_weights

// purpose: Export every generation with all that stands on its node, its ranker and its user encoder.
// mode: read
// params: none
// columns: number: INTEGER, settings: MAP, serving: BOOLEAN, ranker: MAP, user_encoder: MAP
MATCH (generation:Generation)
OPTIONAL MATCH (generation)-[:RANKS_BY]->(ranker:Ranker)
OPTIONAL MATCH (generation)-[:ENCODES_BY]->(encoder:UserEncoder)
RETURN generation.number AS number, properties(generation) AS settings,
       EXISTS { (:Serving {name: 'default'})-[:USES]->(generation) } AS serving,
       properties(ranker) AS ranker, properties(encoder) AS user_encoder
ORDER BY number

// purpose: Tell since when the generation in service is so, in epoch ms; no row when none is.
// mode: read
// params: none
// columns: at: INTEGER
// complexity: constant
MATCH (:Serving {name: 'default'})-[:USES]->(generation:Generation)
RETURN generation.promoted_at AS at

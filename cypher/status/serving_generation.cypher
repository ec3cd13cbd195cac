// purpose: Tell which generation of embeddings is in service; no row when none is.
// mode: read
// params: none
// columns: number: INTEGER
MATCH (:Serving {name: 'default'})-[:USES]->(generation:Generation)
RETURN generation.number AS number

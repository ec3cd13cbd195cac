// purpose: Tell how the generation in service can be searched; no row when none is.
// mode: read
// params: none
// columns: number: INTEGER, vectors: BOOLEAN, counts: BOOLEAN, indexed: LIST<STRING>
MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
RETURN g.number AS number, g.plain IS NULL AS vectors, coalesce(g.counts, false) AS counts,
       coalesce(g.indexed_attributes, []) AS indexed

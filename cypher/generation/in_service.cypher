// purpose: Tell how the generation in service can be searched; no row when none is.
// mode: read
// params: none
// columns: number: INTEGER, formula: STRING, indexed: LIST<STRING>
MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
RETURN g.number AS number,
       CASE WHEN g.edges IS NOT NULL THEN 'edges' WHEN coalesce(g.counts, false) THEN 'counts'
         WHEN g.plain IS NOT NULL THEN 'weights' ELSE 'vectors' END AS formula,
       coalesce(g.indexed_attributes, []) AS indexed

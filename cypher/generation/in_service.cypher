// purpose: Tell how the generation in service, or the one that is pinned, can be searched; no row when
//   there is none.
// mode: read
// params: pinned: INTEGER = null
// columns: number: INTEGER, formula: STRING, indexed: LIST<STRING>
MATCH (g:Generation)
WHERE g.number = coalesce($pinned, COLLECT {
  MATCH (:Serving {name: 'default'})-[:USES]->(here:Generation)
  RETURN here.number
}[0])
RETURN g.number AS number,
       CASE WHEN g.edges IS NOT NULL THEN 'edges' WHEN coalesce(g.counts, false) THEN 'counts'
         WHEN g.plain IS NOT NULL THEN 'weights' ELSE 'vectors' END AS formula,
       coalesce(g.indexed_attributes, []) AS indexed

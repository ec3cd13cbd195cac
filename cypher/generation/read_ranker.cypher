// purpose: Read the ranker of a generation, or of the one in service; nulls where it has none. No
//   row: there is no such generation, or none is in service.
// mode: read
// params: number: INTEGER = null
// columns: number: INTEGER, sha256: STRING, text: STRING, indexed: BOOLEAN
MATCH (generation:Generation)
WHERE CASE WHEN $number IS NULL THEN EXISTS { (:Serving {name: 'default'})-[:USES]->(generation) }
  ELSE generation.number = $number END
OPTIONAL MATCH (generation)-[:RANKS_BY]->(ranker:Ranker)
RETURN generation.number AS number, ranker.sha256 AS sha256, ranker.text AS text,
       generation.edges IS NULL AS indexed

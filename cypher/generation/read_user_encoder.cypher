// purpose: Read what makes users' vectors in a generation, or in the one in service; nulls where users
//   have stored vectors alone. No row: there is no such generation, or none is in service.
// mode: read
// params: number: INTEGER = null
// columns: number: INTEGER, expected: STRING, sha256: STRING, text: STRING
MATCH (generation:Generation)
WHERE CASE WHEN $number IS NULL THEN EXISTS { (:Serving {name: 'default'})-[:USES]->(generation) }
  ELSE generation.number = $number END
OPTIONAL MATCH (generation)-[:ENCODES_BY]->(encoder:UserEncoder)
RETURN generation.number AS number, generation.user_encoder AS expected, encoder.sha256 AS sha256,
       encoder.text AS text

// purpose: Mark a generation as being removed, so that nobody puts it into service; false where it
//   is in service. No row: there is no such generation.
// mode: write
// params: number: INTEGER
// columns: condemned: BOOLEAN
MERGE (serving:Serving {name: 'default'})
// The same lock as in promote: of the two, one comes first.
SET serving.locked_at = timestamp()
WITH serving
MATCH (generation:Generation {number: $number})
WITH generation, NOT EXISTS { (:Serving)-[:USES]->(generation) } AS condemned
SET generation.state = CASE WHEN condemned THEN 'removing' ELSE generation.state END
RETURN condemned

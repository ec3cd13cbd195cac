// purpose: Mark a generation as being removed, so that nobody puts it into service; not one that is
//   in service, nor one that the experiments of a home need. No row: there is no such generation.
// mode: write
// params: number: INTEGER
// columns: serving: BOOLEAN, needed: BOOLEAN
MERGE (serving:Serving {name: 'default'})
// The same lock as in promote: of the two, one comes first.
SET serving.locked_at = timestamp()
WITH serving
MATCH (generation:Generation {number: $number})
WITH generation,
     EXISTS { (:Serving)-[:USES]->(generation) } AS serving,
     generation.needed_by IS NOT NULL AS needed
SET generation.state = CASE WHEN serving OR needed THEN generation.state ELSE 'removing' END
RETURN serving, needed

// purpose: Remove a generation's node once its vectors and indexes are gone; never the one in
//   service.
// mode: write
// params: number: INTEGER
// columns: removed: INTEGER
MATCH (generation:Generation {number: $number})
WHERE NOT EXISTS { (:Serving)-[:USES]->(generation) }
DELETE generation
RETURN count(*) AS removed

// purpose: Put a generation into service and tell the moves that led to it, where nothing was in service
//   before; no row where something was.
// mode: write
// params: number: INTEGER, flips: LIST<MAP>
// columns: number: INTEGER
MERGE (serving:Serving {name: 'default'})
// The lock: whoever moves the pointer or removes a generation writes to this node first.
SET serving.locked_at = timestamp()
WITH serving
WHERE NOT EXISTS { (serving)-[:USES]->() } AND NOT EXISTS { (serving)-[:MOVED]->() }
MATCH (generation:Generation {number: $number})
CREATE (serving)-[:USES]->(generation)
SET serving.flips = reduce(most = 0, flip IN $flips |
  CASE WHEN flip.ordinal > most THEN flip.ordinal ELSE most END)
FOREACH (one IN $flips | CREATE (serving)-[:MOVED]->(flip:Flip) SET flip = one)
RETURN generation.number AS number

// purpose: Put a generation into service. The pointer leaves the old one and reaches the new one
//   in one transaction, so there is always exactly one.
// mode: write
// params: number: INTEGER, settings: MAP
// columns: number: INTEGER, previous: INTEGER
MATCH (generation:Generation {number: $number})
MERGE (serving:Serving {name: 'default'})
SET serving.flips = coalesce(serving.flips, 0) + 1
WITH generation, serving
OPTIONAL MATCH (serving)-[pointer:USES]->(old:Generation)
WITH generation, serving, collect(pointer) AS pointers, max(old.number) AS previous
FOREACH (pointer IN pointers | DELETE pointer)
CREATE (serving)-[:USES]->(generation)
SET generation += $settings, generation.state = 'published', generation.promoted_at = timestamp(),
    generation.previous = CASE WHEN previous <> $number THEN previous ELSE generation.previous END
RETURN generation.number AS number, previous

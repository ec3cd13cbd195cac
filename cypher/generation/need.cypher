// purpose: Note which generations the running experiments of a home need, so that nobody removes
//   them; those that it noted before and needs no more are free again.
// mode: write
// params: home: STRING, numbers: LIST<INTEGER>
// columns: number: INTEGER, needed_by: LIST<STRING>
MERGE (serving:Serving {name: 'default'})
// The same lock as in condemn: of the two, one comes first.
SET serving.locked_at = timestamp()
WITH serving
MATCH (generation:Generation)
WHERE generation.state <> 'removing'
WITH generation, [home IN coalesce(generation.needed_by, []) WHERE home <> $home] AS others
WITH generation,
     CASE WHEN generation.number IN $numbers THEN others + [$home] ELSE others END AS homes
SET generation.needed_by = CASE WHEN size(homes) = 0 THEN null ELSE homes END
RETURN generation.number AS number, homes AS needed_by

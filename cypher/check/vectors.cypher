// purpose: Count the vectors of a generation, those of another width, and those that hold NaN or an
//   infinite number.
// mode: read
// params: dimension: INTEGER
// columns: vectors: INTEGER, misfits: INTEGER, not_finite: INTEGER
// idents: label, property
// complexity: all numbers of the vectors
MATCH (node:`$label`)
WITH node.`$property` AS vector
WHERE vector IS NOT NULL
// A comparison with NaN is false.
WITH size(vector) <> $dimension AS misfit, all(x IN vector WHERE abs(x) < 1.0e39) AS finite
RETURN count(*) AS vectors,
       count(CASE WHEN misfit THEN 1 END) AS misfits,
       count(CASE WHEN NOT finite THEN 1 END) AS not_finite

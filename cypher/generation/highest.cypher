// purpose: Return the highest number that a generation of this graph ever had, removed ones
//   included; 0 where there was none.
// mode: read
// params: none
// columns: number: INTEGER
OPTIONAL MATCH (sequence:Sequence {name: 'generation'})
WITH coalesce(sequence.value, 0) AS counted
OPTIONAL MATCH (generation:Generation)
WITH counted, coalesce(max(generation.number), 0) AS highest
RETURN CASE WHEN counted > highest THEN counted ELSE highest END AS number

// purpose: List the nodes that random walks from a node come by most: how often, on average, a walk
//   of some steps visits each, which is how often the two occur together on walks. Each step goes
//   to any neighbour alike, in either direction; parallel edges count once. The values are exact,
//   not drawn. Walks end at a node with more edges than max_degree.
// mode: read
// params: one: STRING of label, steps: INTEGER = 2 in 1..4, k: INTEGER = 10 in 1..1000,
//   max_degree: INTEGER = 1000 in 1..
// columns: id: STRING, score: FLOAT
// idents: label: label = Item, relation: relation = INTERACTED
// complexity: the edges of every node within steps - 1 of the first
// source: Perozzi, Al-Rfou and Skiena 2014, DeepWalk: online learning of social representations
MATCH (one:`$label` {id: $one})
WITH one, [[one, 1.0]] AS here, [] AS seen
CALL (here) {
  // Where the walk of 1 steps is, and how likely.
  UNWIND CASE WHEN $steps >= 1 THEN here ELSE [] END AS at
  WITH at[0] AS node, at[1] AS chance
  WHERE COUNT { (node)-[:`$relation`]-() } <= $max_degree
  WITH chance, COLLECT {
    MATCH (node)-[:`$relation`]-(next) WHERE next <> node RETURN DISTINCT next
  } AS around
  UNWIND around AS next
  WITH next, sum(chance / size(around)) AS chance
  RETURN collect([next, chance]) AS after
}
WITH one, after AS here, seen + after AS seen
CALL (here) {
  // Where the walk of 2 steps is, and how likely.
  UNWIND CASE WHEN $steps >= 2 THEN here ELSE [] END AS at
  WITH at[0] AS node, at[1] AS chance
  WHERE COUNT { (node)-[:`$relation`]-() } <= $max_degree
  WITH chance, COLLECT {
    MATCH (node)-[:`$relation`]-(next) WHERE next <> node RETURN DISTINCT next
  } AS around
  UNWIND around AS next
  WITH next, sum(chance / size(around)) AS chance
  RETURN collect([next, chance]) AS after
}
WITH one, after AS here, seen + after AS seen
CALL (here) {
  // Where the walk of 3 steps is, and how likely.
  UNWIND CASE WHEN $steps >= 3 THEN here ELSE [] END AS at
  WITH at[0] AS node, at[1] AS chance
  WHERE COUNT { (node)-[:`$relation`]-() } <= $max_degree
  WITH chance, COLLECT {
    MATCH (node)-[:`$relation`]-(next) WHERE next <> node RETURN DISTINCT next
  } AS around
  UNWIND around AS next
  WITH next, sum(chance / size(around)) AS chance
  RETURN collect([next, chance]) AS after
}
WITH one, after AS here, seen + after AS seen
CALL (here) {
  // Where the walk of 4 steps is, and how likely.
  UNWIND CASE WHEN $steps >= 4 THEN here ELSE [] END AS at
  WITH at[0] AS node, at[1] AS chance
  WHERE COUNT { (node)-[:`$relation`]-() } <= $max_degree
  WITH chance, COLLECT {
    MATCH (node)-[:`$relation`]-(next) WHERE next <> node RETURN DISTINCT next
  } AS around
  UNWIND around AS next
  WITH next, sum(chance / size(around)) AS chance
  RETURN collect([next, chance]) AS after
}
WITH one, after AS here, seen + after AS seen
UNWIND seen AS visit
WITH one, visit[0] AS node, visit[1] AS chance
WHERE node <> one AND node:`$label`
WITH node, sum(chance) AS score
RETURN node.id AS id, score
ORDER BY score DESC, id
LIMIT $k

// purpose: List the neighbours of one node by visit counts, as PinSage pools them: walks go to a
//   neighbour and on to a node of the label, with a restart before each such double step; the nodes
//   visited most, with visits that sum to 1 as weights. Parallel edges count once.
// mode: read
// params: start: STRING of label, top: INTEGER = 50 in 1..1000, walks: INTEGER = 100 in 1..10000,
//   length: INTEGER = 10 in 1..1000, restart: FLOAT = 0.5 in 0..1
// columns: id: STRING, visits: INTEGER, weight: FLOAT
// idents: label: label = Item, relation: relation = INTERACTED
// complexity: 2 * walks * length times the edges of the nodes met
// source: Ying et al. 2018, Graph Convolutional Neural Networks for Web-Scale Recommender Systems,
//   section 3.2
MATCH (start:`$label` {id: $start})
UNWIND range(1, $walks) AS walk
CALL (start, walk) {
  RETURN reduce(path = [start], step IN range(1, $length) | path + COLLECT {
    WITH CASE WHEN rand() < $restart THEN start ELSE path[-1] END AS node
    CALL (node) {
      MATCH (node)-[:`$relation`]-(middle)
      WITH DISTINCT middle
      RETURN middle ORDER BY rand() LIMIT 1
    }
    MATCH (middle)-[:`$relation`]-(next:`$label`)
    WITH DISTINCT next
    RETURN next ORDER BY rand() LIMIT 1
  }) AS path
}
UNWIND path[1..] AS visited
WITH start, visited WHERE visited <> start
WITH visited.id AS id, count(*) AS visits
ORDER BY visits DESC, id
LIMIT $top
WITH collect({id: id, visits: visits}) AS found, sum(visits) AS total
UNWIND found AS one
RETURN one.id AS id, one.visits AS visits, toFloat(one.visits) / total AS weight
ORDER BY visits DESC, id

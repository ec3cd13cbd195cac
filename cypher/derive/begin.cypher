// purpose: Mark a graph between items as being built, so that a build that is cut off can be told,
//   and any other that is still at work stops.
// mode: write
// params: graph: STRING, token: STRING
// columns: cut_off: BOOLEAN
MERGE (graph:DerivedGraph {name: $graph})
WITH graph, coalesce(graph.state = 'building', false) AS cut_off
SET graph.state = 'building', graph.token = $token, graph.started_at = timestamp()
RETURN cut_off

// purpose: Mark a graph between items as whole, with what it was built with; no row where another
//   build took over. baskets is the N of support and lift.
// mode: write
// params: graph: STRING, token: STRING, edges: INTEGER, baskets: INTEGER, settings: STRING
// columns: name: STRING
MATCH (graph:DerivedGraph {name: $graph, token: $token})
SET graph.state = 'built', graph.edges = $edges, graph.baskets = $baskets,
    graph.settings = $settings, graph.built_at = timestamp()
RETURN graph.name AS name

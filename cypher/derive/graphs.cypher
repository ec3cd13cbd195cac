// purpose: List the graphs between items: whether each is whole, and what it was built with.
// mode: read
// params: none
// columns: name: STRING, state: STRING, edges: INTEGER, baskets: INTEGER, built_at: INTEGER,
//   settings: STRING
MATCH (graph:DerivedGraph)
RETURN graph.name AS name, graph.state AS state, graph.edges AS edges, graph.baskets AS baskets,
       graph.built_at AS built_at, graph.settings AS settings
ORDER BY name

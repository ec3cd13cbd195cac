// purpose: Copy nodes and edges into the memory of the Graph Data Science plugin, under a name.
// mode: read
// needs: gds
// params: graph: STRING, labels: LIST<STRING>, relations: MAP
// columns: nodes: INTEGER, edges: INTEGER, milliseconds: INTEGER
// complexity: one pass over the nodes and edges
CALL gds.graph.project($graph, $labels, $relations)
YIELD nodeCount, relationshipCount, projectMillis
RETURN nodeCount AS nodes, relationshipCount AS edges, projectMillis AS milliseconds

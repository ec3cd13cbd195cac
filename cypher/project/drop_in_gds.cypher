// purpose: Free a graph in the memory of the Graph Data Science plugin; none of the name is fine.
// mode: read
// needs: gds
// params: graph: STRING
// columns: name: STRING
CALL gds.graph.drop($graph, false) YIELD graphName
RETURN graphName AS name

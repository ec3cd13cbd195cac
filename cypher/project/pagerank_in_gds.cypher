// purpose: Rank the nodes of a projected graph, as parallel lists, by the server's numbers of the
//   nodes. The scores are the plugin's own: they do not add up to 1.
// mode: read
// needs: gds
// params: graph: STRING, configuration: MAP
// columns: nodes: LIST<INTEGER>, scores: LIST<FLOAT>
// complexity: one pass over the edges for each iteration
// source: Page, Brin, Motwani and Winograd 1999, The PageRank citation ranking
CALL gds.pageRank.stream($graph, $configuration)
YIELD nodeId, score
RETURN collect(nodeId) AS nodes, collect(score) AS scores

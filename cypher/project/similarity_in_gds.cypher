// purpose: List the k most similar nodes of every node of a projected graph, by the Jaccard or the
//   cosine of where their edges lead; as parallel lists, by the server's numbers of the nodes.
// mode: read
// needs: gds
// params: graph: STRING, metric: STRING, k: INTEGER = 10 in 1..1000
// columns: one: LIST<INTEGER>, other: LIST<INTEGER>, score: LIST<FLOAT>
// complexity: pairs of nodes that share a neighbour
// source: Liben-Nowell and Kleinberg 2007, The link-prediction problem for social networks,
//   section 3
CALL gds.nodeSimilarity.stream($graph, {similarityMetric: $metric, topK: $k})
YIELD node1, node2, similarity
RETURN collect(node1) AS one, collect(node2) AS other, collect(similarity) AS score

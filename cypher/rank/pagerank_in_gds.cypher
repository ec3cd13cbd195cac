// purpose: List the n nodes with the highest PageRank, by the Graph Data Science plugin: copy the
//   graph, rank, free it. Mass of nodes without edges goes to the restart set, which is every node
//   where none is named; scores add up to 1. Parallel edges count each; weighted counts each by a
//   property, 1 where an edge has none. A run that fails leaves its graph behind: gds.graph.drop.
// mode: read
// needs: gds
// params: damping: FLOAT = 0.85 in 0..0.999, iterations: INTEGER = 200 in 1..10000,
//   tolerance: FLOAT = 0.00000001 in 0..1, restart: LIST<STRING> of head = [],
//   directed: BOOLEAN = false, weighted: BOOLEAN = false, n: INTEGER = 10 in 1..
// columns: label: STRING, id: STRING, score: FLOAT
// idents: head: label = User, relation: relation = INTERACTED, tail: label = Item,
//   weight: property = weight
// complexity: one pass over the edges to copy them, one for each iteration
// source: Page, Brin, Motwani and Winograd 1999, The PageRank citation ranking
WITH 'engine-' + randomUUID() AS graph
// Both ways, a loop would count twice: it is of a type of its own, which leads one way.
CALL (graph) {
  CALL () {
    MATCH (head:`$head`)-[edge:`$relation`]->(tail:`$tail`)
    RETURN head, tail, edge
    UNION ALL
    MATCH (head) WHERE (head:`$head` OR head:`$tail`) AND NOT EXISTS { (head)-[:`$relation`]-() }
    RETURN head, null AS tail, null AS edge
  }
  RETURN gds.graph.project(graph, head, tail, {
    relationshipType: CASE WHEN edge IS NULL THEN null
      WHEN head = tail THEN 'LOOP' ELSE 'EDGE' END,
    relationshipProperties: CASE WHEN edge IS NULL THEN null
      ELSE {weight: toFloat(coalesce(edge.`$weight`, 1.0))} END
  }, {undirectedRelationshipTypes: CASE WHEN $directed THEN [] ELSE ['EDGE'] END}) AS projected
}
CALL (graph, projected) {
  WITH CASE WHEN size($restart) = 0 THEN null
    ELSE COLLECT { MATCH (node:`$head`) WHERE node.id IN $restart RETURN node } END AS sources
  CALL gds.pageRank.stream(graph, {
    dampingFactor: $damping, maxIterations: $iterations,
    tolerance: $tolerance * coalesce(toFloat(size(sources)) / projected.nodeCount, 1.0),
    sourceNodes: sources, relationshipWeightProperty: CASE WHEN $weighted THEN 'weight' END
  }) YIELD nodeId, score
  RETURN collect(nodeId) AS numbers, collect(score) AS scores, sum(score) AS all
}
CALL gds.graph.drop(graph) YIELD graphName
UNWIND range(0, size(scores) - 1) AS at
WITH numbers[at] AS number, scores[at] / all AS score
ORDER BY score DESC
LIMIT $n
MATCH (node) WHERE id(node) = number
RETURN [label IN labels(node) WHERE label <> 'Entity'][0] AS label, node.id AS id, score
ORDER BY score DESC, label, id

// purpose: Walk at random over a graph in the memory of the Graph Data Science plugin, from nodes
//   by the server's numbers: one record, in it a list for each walk. A record costs what hundreds of
//   numbers in a list cost, so one for each walk is slow. A start without edges has no walk.
// mode: read
// needs: gds
// params: graph: STRING, starts: LIST<INTEGER>, per_node: INTEGER = 10 in 1..1000,
//   length: INTEGER = 20 in 1..1000, p: FLOAT = 1.0 in 0.001..1000, q: FLOAT = 1.0 in 0.001..1000,
//   weight: STRING = null, seed: INTEGER = 0 in 0..
// columns: walks: LIST<LIST<INTEGER>>
// complexity: per_node * length steps for each start, all of them in the server's memory
// source: Grover and Leskovec 2016, node2vec: Scalable Feature Learning for Networks, section 3.2

// The plugin keeps to a seed only in one thread; run two of these to keep two cores busy.
CALL gds.randomWalk.stream($graph, {
  sourceNodes: $starts, walksPerNode: $per_node, walkLength: $length,
  returnFactor: $p, inOutFactor: $q, relationshipWeightProperty: $weight,
  randomSeed: $seed, concurrency: 1
})
YIELD nodeIds
RETURN collect(nodeIds) AS walks

// purpose: List the n nodes with the highest weighted PageRank, in plain Cypher: power iteration on
//   lists. Mass of nodes without edges goes to the restart set, which is every node where none is
//   named; scores add up to 1. Parallel edges count each. With damping 1, each step is averaged
//   with the one before, or two sides of a graph would take turns for ever.
// mode: read
// params: damping: FLOAT = 0.85 in 0..1, iterations: INTEGER = 50 in 1..1000,
//   restart: LIST<STRING> of head = [], directed: BOOLEAN = false, n: INTEGER = 10 in 1..
// columns: label: STRING, id: STRING, score: FLOAT
// idents: head: label = User, relation: relation = INTERACTED, tail: label = Item,
//   weight: property = weight
// complexity: iterations x edges, in lists: for up to some 100,000 edges; rank/pagerank_in_gds
//   and engine.graph.pagerank are for more
// source: Page, Brin, Motwani and Winograd 1999, The PageRank citation ranking
MATCH (node) WHERE node:`$head` OR node:`$tail`
WITH max(id(node)) AS last
UNWIND range(0, last) AS number
// One place for every number of the server up to the last, so that a number is an index.
OPTIONAL MATCH (node) WHERE id(node) = number AND (node:`$head` OR node:`$tail`)
WITH number, node, COLLECT {
  MATCH (node)<-[edge:`$relation`]-(other:`$head`) WHERE node:`$tail`
  RETURN [id(other), coalesce(edge.`$weight`, 1.0)] AS one
  UNION ALL
  MATCH (node)-[edge:`$relation`]->(other:`$tail`)
  WHERE node:`$head` AND NOT $directed AND other <> node
  RETURN [id(other), coalesce(edge.`$weight`, 1.0)] AS one
} AS come, COLLECT {
  MATCH (node)-[edge:`$relation`]->(other:`$tail`) WHERE node:`$head`
  RETURN coalesce(edge.`$weight`, 1.0) AS one
  UNION ALL
  MATCH (node)<-[edge:`$relation`]-(other:`$head`)
  WHERE node:`$tail` AND NOT $directed AND other <> node
  RETURN coalesce(edge.`$weight`, 1.0) AS one
} AS leave
WITH number, node, come, reduce(all = 0.0, one IN leave | all + one) AS out,
     node IS NOT NULL AND (size($restart) = 0 OR (node:`$head` AND node.id IN $restart)) AS starts
ORDER BY number
WITH collect(come) AS come, collect(out) AS out, collect(toInteger(starts)) AS starts,
     collect(toInteger(node IS NOT NULL)) AS there
WITH *, range(0, size(out) - 1) AS all, reduce(sum = 0, one IN there | sum + one) AS nodes,
     reduce(sum = 0, one IN starts | sum + one) AS sources
WITH *, [at IN all | toFloat(starts[at]) / sources] AS restart,
     [at IN all | toFloat(there[at]) / nodes] AS uniform
WITH all, reduce(score = uniform, step IN range(1, $iterations) |
  // The inner lists of one entry give names to what a step uses: shares, and mass without edges.
  [share IN [[at IN all | CASE out[at] WHEN 0.0 THEN 0.0 ELSE score[at] / out[at] END]] |
    [lost IN [reduce(sum = 0.0, at IN all |
        CASE out[at] WHEN 0.0 THEN sum + score[at] ELSE sum END)] |
      [next IN [[at IN all |
          (1.0 - $damping + $damping * lost) * restart[at]
          + $damping * reduce(sum = 0.0, one IN come[at] | sum + one[1] * share[one[0]])]] |
        CASE $damping WHEN 1.0 THEN [at IN all | 0.5 * (score[at] + next[at])] ELSE next END
      ][0]
    ][0]
  ][0]
) AS score
UNWIND all AS number
MATCH (node) WHERE id(node) = number AND (node:`$head` OR node:`$tail`)
RETURN [label IN labels(node) WHERE label <> 'Entity'][0] AS label,
       node.id AS id,
       score[number] AS score
ORDER BY score DESC, label, id
LIMIT $n

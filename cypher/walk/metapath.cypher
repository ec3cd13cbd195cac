// purpose: Walk at random from one node along a metapath of two relations, over and over: user,
//   item, user or item, entity, item. A step draws evenly among the neighbours of the label that
//   is next.
// mode: read
// params: start: STRING of label, walks: INTEGER = 10 in 1..10000, length: INTEGER = 20 in 1..1000
// columns: walk: INTEGER, ids: LIST<STRING>
// idents: label: label = User, relation: relation = INTERACTED, middle: label = Item, back:
//   relation = INTERACTED
// complexity: walks * length times the edges of the nodes met
// source: Dong, Chawla and Swami 2017, metapath2vec: Scalable Representation Learning for
//   Heterogeneous Networks, section 3.2
MATCH (start:`$label` {id: $start})
UNWIND range(1, $walks) AS walk
CALL (start, walk) {
  RETURN reduce(path = [start], step IN range(1, $length - 1) | path + CASE
    // A walk that found no edge has ended.
    WHEN size(path) < step THEN []
    WHEN step % 2 = 1 THEN COLLECT {
      WITH path[-1] AS node
      MATCH (node)-[:`$relation`]-(next:`$middle`)
      WITH DISTINCT next
      RETURN next ORDER BY rand() LIMIT 1
    }
    ELSE COLLECT {
      WITH path[-1] AS node
      MATCH (node)-[:`$back`]-(next:`$label`)
      WITH DISTINCT next
      RETURN next ORDER BY rand() LIMIT 1
    }
  END) AS path
}
RETURN walk, [node IN path | node.id] AS ids
ORDER BY walk

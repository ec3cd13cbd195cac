// purpose: Count what the graph holds of some users or items: nodes, events, remembered lists, other
//   relationships, vectors.
// mode: read
// params: ids: LIST<STRING>
// columns: nodes: INTEGER, events: INTEGER, lists: INTEGER, relations: INTEGER,
//   vectors: INTEGER
// idents: label
// complexity: the degrees and the properties of the nodes
UNWIND $ids AS id
MATCH (node:`$label` {id: id})
WITH node, COUNT { (node)-[:INTERACTED]-() } AS events,
     COUNT { (node)-[:WAS_SHOWN]->() } AS lists, COUNT { (node)-[]-() } AS joined,
     size([name IN keys(node) WHERE name =~ 'embedding_g[0-9]+']) AS vectors
RETURN count(node) AS nodes, coalesce(sum(events), 0) AS events,
       coalesce(sum(lists), 0) AS lists, coalesce(sum(joined - events - lists), 0) AS relations,
       coalesce(sum(vectors), 0) AS vectors

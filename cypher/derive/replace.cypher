// purpose: Take away and create edges of some items in one transaction; no item is written where
//   another build took over. A row is [item, [others to part from], [[other, score, count,
//   from_baskets, to_baskets, generation], …]]; null stands for a property the edge has not.
// mode: write
// params: graph: STRING, token: STRING, rows: LIST<LIST>
// columns: items: INTEGER
// idents: relation
// complexity: an index look-up for each item and each edge
MATCH (:DerivedGraph {name: $graph, token: $token})
UNWIND $rows AS row
MATCH (item:Item {id: row[0]})
CALL (item, row) {
  UNWIND row[1] AS id
  MATCH (item)-[old:`$relation`]->(:Item {id: id})
  DELETE old
}
CALL (item, row) {
  UNWIND row[2] AS edge
  MATCH (other:Item {id: edge[0]})
  CREATE (item)-[:`$relation` {score: edge[1], count: edge[2], from_baskets: edge[3],
                               to_baskets: edge[4], generation: edge[5]}]->(other)
}
RETURN count(*) AS items

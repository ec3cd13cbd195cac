// purpose: Show what most often comes after an item in the histories of users; one row. The score
//   is the share of all that followed.
// mode: read
// params: item: STRING of Item, user: STRING = null
// complexity: the edges of the item, at most as many as the build kept
OPTIONAL MATCH (graph:DerivedGraph {name: 'sequential'})
WITH graph.state AS state
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
OPTIONAL MATCH (self:Item {id: $item})
CALL (u, withheld, self) {
  MATCH (self)-[edge:FOLLOWED_BY]->(item:Item)
  WITH u, item, edge, edge.score AS score, null AS seen
  // part: part/best_given_withheld
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'next',
    count: edge.count
  }) AS items
}
RETURN $item AS subject, coalesce(self.name, self.title) AS name, self IS NOT NULL AS known,
       null AS generation, CASE WHEN state IS NULL THEN 'not-built' ELSE 'next' END AS basis, items

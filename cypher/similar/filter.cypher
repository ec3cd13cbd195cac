// purpose: Show where the filter in service leads from an item, strongest edges first; one row.
// mode: read
// params: item: STRING of Item, user: STRING = null
// complexity: the edges that stand on the item
OPTIONAL MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
OPTIONAL MATCH (self:Item {id: $item})
WITH g, u, withheld, self, 'embedding_g' + toString(g.number) AS property
CALL (u, withheld, self, property) {
  WITH u, self[property + '_edges'] AS ids, self[property + '_weights'] AS weights
  UNWIND range(0, coalesce(size(ids), 0) - 1) AS n
  MATCH (item:Item {id: ids[n]})
  WITH u, item, weights[n] AS score, null AS seen
  // part: part/best_given_withheld
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'filter'
  }) AS items
}
RETURN $item AS subject, coalesce(self.name, self.title) AS name, self IS NOT NULL AS known,
       g.number AS generation,
       CASE WHEN g.edges IS NULL THEN 'not-built' ELSE 'filter' END AS basis, items

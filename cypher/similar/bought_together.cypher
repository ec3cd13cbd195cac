// purpose: Show what goes with one or more items, by how often it shares a basket with them; one row.
//   The score adds up over the items given. support = count / baskets and lift = count * baskets /
//   (from_baskets * to_baskets), both of the item given that it is together with most often.
// mode: read
// params: items: LIST<STRING>, user: STRING = null
// complexity: the edges of the items, at most as many as the build kept
// source: Agrawal, Imielinski, Swami: Mining association rules between sets of items, 1993
OPTIONAL MATCH (graph:DerivedGraph {name: 'co-occurrence'})
WITH graph.state AS state, graph.baskets AS baskets
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
CALL () {
  UNWIND $items AS id
  OPTIONAL MATCH (self:Item {id: id})
  RETURN collect(DISTINCT self) AS given,
         collect(DISTINCT CASE WHEN self IS NULL THEN id END) AS unknown
}
CALL (u, withheld, baskets, given) {
  UNWIND given AS self
  MATCH (self)-[edge:CO_OCCURRED]->(item:Item)
  WHERE NOT item IN given
  WITH u, baskets, self, item, edge ORDER BY edge.count DESC, self.id
  WITH u, baskets, item, sum(edge.score) AS score, collect(edge)[0] AS edge
  WITH u, item, score, baskets, edge, null AS seen
  // part: part/best_given_withheld
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'bought-together',
    count: edge.count, support: 1.0 * edge.count / baskets,
    lift: 1.0 * edge.count * baskets / (edge.from_baskets * edge.to_baskets)
  }) AS items
}
// Where an id is unknown the first of those is the subject.
RETURN coalesce(unknown[0], reduce(all = $items[0], id IN $items[1..] | all + ', ' + id)) AS subject,
       coalesce(given[0].name, given[0].title) AS name, size(unknown) = 0 AS known, null AS generation,
       CASE WHEN state IS NULL THEN 'not-built' ELSE 'bought-together' END AS basis, items

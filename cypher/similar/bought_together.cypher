// purpose: Show what goes with one or more items, by how often it shares a basket with them; one row.
//   The score adds up over the items given. support = count / baskets and lift = count * baskets /
//   (from_baskets * to_baskets), both of the item given that it is together with most often.
// mode: read
// params: items: LIST<STRING>, k: INTEGER = 10 in 1..1000, user: STRING = null, filters: MAP = {},
//   now: INTEGER = null
// columns: state: STRING, unknown: LIST<STRING>, name: STRING, found: LIST<MAP>
// complexity: the edges of the items, at most as many as the build kept
// source: Agrawal, Imielinski, Swami: Mining association rules between sets of items, 1993
OPTIONAL MATCH (graph:DerivedGraph {name: 'co-occurrence'})
WITH graph.state AS state, graph.baskets AS baskets, keys($filters) AS attributes
OPTIONAL MATCH (u:User {id: $user})
CALL () {
  UNWIND $items AS id
  OPTIONAL MATCH (item:Item {id: id})
  RETURN collect(DISTINCT item) AS given,
         collect(DISTINCT CASE WHEN item IS NULL THEN id END) AS unknown
}
CALL (u, attributes, baskets, given) {
  UNWIND given AS item
  MATCH (item)-[edge:CO_OCCURRED]->(other:Item)
  WHERE NOT other IN given
    AND NOT EXISTS { (u)-[:INTERACTED]->(other) }
    AND NOT coalesce(other.hidden, false)
    AND coalesce(other.expires_at > coalesce($now, timestamp()), true)
    AND all(attribute IN attributes WHERE CASE
      WHEN valueType(other[attribute]) STARTS WITH 'LIST'
        THEN any(value IN other[attribute] WHERE toString(value) IN $filters[attribute])
      ELSE coalesce(toStringOrNull(other[attribute]) IN $filters[attribute], false) END)
  WITH baskets, other, edge ORDER BY edge.count DESC
  WITH baskets, other, sum(edge.score) AS score, collect(edge)[0] AS edge
  ORDER BY score DESC, other.id
  LIMIT $k
  RETURN collect({
    id: other.id, name: coalesce(other.name, other.title), score: score, source: 'bought-together',
    count: edge.count, support: 1.0 * edge.count / baskets,
    lift: 1.0 * edge.count * baskets / (edge.from_baskets * edge.to_baskets)
  }) AS found
}
RETURN state, unknown, coalesce(given[0].name, given[0].title) AS name, found

// purpose: Show what goes with one or more items, by how often it shares a basket with them; one row.
//   The score adds up over the items given. support = count / baskets and lift = count * baskets /
//   (from_baskets * to_baskets), both of the item given that it is together with most often.
// mode: read
// params: items: LIST<STRING>, k: INTEGER = 10 in 1..1000, user: STRING = null,
//   exclude_seen: BOOLEAN = true, seen_since: INTEGER = null, seen_events: LIST<STRING> = null,
//   filters: MAP = {}, facts: LIST<LIST<STRING>> = [], block: LIST<STRING> = [],
//   only: LIST<STRING> = null, now: INTEGER = null
// columns: state: STRING, unknown: LIST<STRING>, name: STRING, found: LIST<MAP>
// complexity: the edges of the items, at most as many as the build kept
// source: Agrawal, Imielinski, Swami: Mining association rules between sets of items, 1993
OPTIONAL MATCH (graph:DerivedGraph {name: 'co-occurrence'})
WITH graph.state AS state, graph.baskets AS baskets
OPTIONAL MATCH (u:User {id: $user})
CALL () {
  UNWIND $items AS id
  OPTIONAL MATCH (self:Item {id: id})
  RETURN collect(DISTINCT self) AS given,
         collect(DISTINCT CASE WHEN self IS NULL THEN id END) AS unknown
}
CALL (u, baskets, given) {
  UNWIND given AS self
  MATCH (self)-[edge:CO_OCCURRED]->(item:Item)
  WHERE NOT coalesce(item.hidden, false)
    AND coalesce(item.expires_at > coalesce($now, timestamp()), true)
    AND NOT item.id IN $block
    AND coalesce(item.id IN $only, true)
    AND all(ids IN $facts WHERE EXISTS { (item)-->(entity:Entity) WHERE entity.key IN ids })
    AND all(attribute IN keys($filters) WHERE CASE
      WHEN valueType(item[attribute]) STARTS WITH 'LIST'
        THEN any(value IN item[attribute] WHERE toString(value) IN $filters[attribute])
      ELSE coalesce(toStringOrNull(item[attribute]) IN $filters[attribute], false) END)
    AND NOT ($exclude_seen AND EXISTS { (u)-[event:INTERACTED]->(item)
      WHERE coalesce(event.at >= $seen_since, true) AND coalesce(event.event IN $seen_events, true) })
    AND NOT item IN given
  WITH baskets, item, edge ORDER BY edge.count DESC
  WITH baskets, item, sum(edge.score) AS score, collect(edge)[0] AS edge
  ORDER BY score DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'bought-together',
    count: edge.count, support: 1.0 * edge.count / baskets,
    lift: 1.0 * edge.count * baskets / (edge.from_baskets * edge.to_baskets)
  }) AS found
}
RETURN state, unknown, coalesce(given[0].name, given[0].title) AS name, found

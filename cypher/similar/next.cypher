// purpose: Show what most often comes after an item in the histories of users; one row. The score
//   is the share of all that followed.
// mode: read
// params: item: STRING of Item, k: INTEGER = 10 in 1..1000, user: STRING = null,
//   filters: MAP = {}, now: INTEGER = null
// columns: state: STRING, unknown: LIST<STRING>, name: STRING, found: LIST<MAP>
// complexity: the edges of the item, at most as many as the build kept
OPTIONAL MATCH (graph:DerivedGraph {name: 'sequential'})
WITH graph.state AS state, keys($filters) AS attributes
OPTIONAL MATCH (u:User {id: $user})
OPTIONAL MATCH (item:Item {id: $item})
CALL (u, attributes, item) {
  MATCH (item)-[edge:FOLLOWED_BY]->(other:Item)
  WHERE NOT EXISTS { (u)-[:INTERACTED]->(other) }
    AND NOT coalesce(other.hidden, false)
    AND coalesce(other.expires_at > coalesce($now, timestamp()), true)
    AND all(attribute IN attributes WHERE CASE
      WHEN valueType(other[attribute]) STARTS WITH 'LIST'
        THEN any(value IN other[attribute] WHERE toString(value) IN $filters[attribute])
      ELSE coalesce(toStringOrNull(other[attribute]) IN $filters[attribute], false) END)
  WITH other, edge
  ORDER BY edge.score DESC, other.id
  LIMIT $k
  RETURN collect({
    id: other.id, name: coalesce(other.name, other.title), score: edge.score, source: 'next',
    count: edge.count
  }) AS found
}
RETURN state, CASE WHEN item IS NULL THEN [$item] ELSE [] END AS unknown,
       coalesce(item.name, item.title) AS name, found

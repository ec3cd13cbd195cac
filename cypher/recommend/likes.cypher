// purpose: Recommend to somebody new by a few items they like; one row. Their vector is the mean of
//   the items' vectors, of unit length; the score is the cosine.
// mode: read
// params: items: LIST<STRING> of Item, user: STRING = null,
//   k: INTEGER = 10 in 1..1000,
//   exclude_seen: BOOLEAN = true, seen_since: INTEGER = null, seen_events: LIST<STRING> = null,
//   filters: MAP = {}, facts: LIST<LIST<STRING>> = [], block: LIST<STRING> = [],
//   only: LIST<STRING> = null, now: INTEGER = null
// columns: known: BOOLEAN, generation: INTEGER, basis: STRING, items: LIST<MAP>
// complexity: one index look-up; one pass over the catalogue only where fewer than k may be shown
OPTIONAL MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
OPTIONAL MATCH (u:User {id: $user})
WITH g, u, 'embedding_g' + toString(g.number) AS property, g.scoring = 'dot' AS dot,
     'item_embedding_g' + toString(g.number) AS index,
     g.over_fetch + $k + size($items) + COUNT { (u)-[:INTERACTED]->() } AS wanted
CALL (property) {
  MATCH (liked:Item)
  WHERE liked.id IN $items AND liked[property] IS NOT NULL
  RETURN collect(liked[property]) AS vectors
}
WITH *, CASE WHEN wanted > 2000 THEN 2000 ELSE wanted END AS fetch,
     [n IN range(0, size(vectors[0]) - 1)
       // The last number of a reduced dot product is no taste, but the length of the item.
       | CASE WHEN dot AND n = size(vectors[0]) - 1 THEN 0.0
         ELSE reduce(s = 0.0, vector IN vectors | s + vector[n]) END] AS sum
WITH *, CASE WHEN reduce(s = 0.0, x IN sum | s + x * x) > 0 THEN sum END AS vector
CALL (u, index, vector, fetch) {
  WITH * WHERE vector IS NOT NULL AND $only IS NULL
  CALL db.index.vector.queryNodes(index, fetch, vector) YIELD node AS item
  WITH u, item
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
    AND NOT item.id IN $items
  RETURN collect(item) AS found
}
// Too few left: the same rule over every item with a vector, scored exactly.
CALL (u, property, vector, found) {
  CALL (u, property, vector, found) {
    UNWIND found AS item
    RETURN item
    UNION
    CALL (vector, found) {
      UNWIND CASE WHEN size(found) < $k AND vector IS NOT NULL AND $only IS NULL
        THEN [1] ELSE [] END AS short
      MATCH (item:Item)
      RETURN item
      UNION ALL
      UNWIND $only AS id
      MATCH (item:Item {id: id})
      RETURN item
    }
    WITH u, property, item
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
      AND NOT item.id IN $items
      AND item[property] IS NOT NULL
    RETURN item
  }
  WITH item, 2.0 * vector.similarity.cosine(vector, item[property]) - 1.0 AS score
  WHERE score IS NOT NULL
  ORDER BY score DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'likes'
  }) AS items
}
RETURN u IS NOT NULL AS known, g.number AS generation,
       CASE WHEN vector IS NULL THEN 'no-embedding' ELSE 'folded-in' END AS basis, items

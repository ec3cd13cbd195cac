// purpose: Show the items most like an item, by the generation in service; one row when something
//   is published. The exclusion rule holds; what a user has seen is left out where one is named.
// mode: read
// params: item: STRING, user: STRING, k: INTEGER, exclude_seen: BOOLEAN, seen_since: INTEGER, seen_events: LIST<STRING>,
//   filters: MAP, facts: LIST<LIST<STRING>>, block: LIST<STRING>, only: LIST<STRING>, now: INTEGER
// columns: item: STRING, name: STRING, generation: INTEGER, basis: STRING, items: LIST<MAP>
// complexity: one index look-up; one pass over the catalogue only where fewer than k may be shown
MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
OPTIONAL MATCH (self:Item {id: $item})
OPTIONAL MATCH (u:User {id: $user})
WITH g, self, u, 'embedding_g' + toString(g.number) AS property,
     'item_embedding_g' + toString(g.number) AS index
WITH *, self[property] AS vector,
     g.over_fetch + $k + COUNT { (u)-[:INTERACTED]->() } AS wanted
WITH *, CASE WHEN wanted > 2000 THEN 2000 ELSE wanted END AS fetch
CALL (self, u, index, vector, fetch) {
  WITH * WHERE vector IS NOT NULL AND $only IS NULL
  CALL db.index.vector.queryNodes(index, fetch, vector) YIELD node AS item
  WITH item, self, u
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
    AND item <> self
  RETURN collect(item) AS found
}
// Too few left: the same rule over every item with a vector, scored exactly.
CALL (self, u, property, vector, found) {
  CALL (self, u, property, vector, found) {
    UNWIND found AS item
    RETURN item
    UNION
    CALL (property, vector, found) {
      // UNWIND, as a WHERE here would be tested after the scan it is meant to spare.
      UNWIND CASE WHEN size(found) < $k AND vector IS NOT NULL AND $only IS NULL
        THEN [1] ELSE [] END AS short
      MATCH (item:Item)
      RETURN item
      UNION ALL
      UNWIND $only AS id
      MATCH (item:Item {id: id})
      RETURN item
    }
    WITH item, self, u, property
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
      AND item <> self
      AND item[property] IS NOT NULL
    RETURN item
  }
  WITH item, 2.0 * vector.similarity.cosine(vector, item[property]) - 1.0 AS score
  ORDER BY score DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'embedding'
  }) AS items
}
RETURN $item AS item,
       coalesce(self.name, self.title) AS name,
       g.number AS generation,
       CASE WHEN self IS NULL THEN 'unknown-item' WHEN g.plain IS NOT NULL THEN 'plain'
         WHEN vector IS NULL THEN 'new-item' ELSE 'embedding' END AS basis,
       items

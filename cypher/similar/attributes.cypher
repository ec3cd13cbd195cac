// purpose: Show the items that share the most telling facts with an item; one row. A shared fact is
//   the same relation to the same entity, and weighs ln(1 + items / facts that point to the entity):
//   what few items share says most. Facts are read from the item to the entity.
// mode: read
// params: item: STRING of Item, k: INTEGER = 10 in 1..1000, user: STRING = null,
//   exclude_seen: BOOLEAN = true, seen_since: INTEGER = null, seen_events: LIST<STRING> = null,
//   filters: MAP = {}, facts: LIST<LIST<STRING>> = [], block: LIST<STRING> = [],
//   only: LIST<STRING> = null, now: INTEGER = null, most: INTEGER = 2000 in 1..
// columns: state: STRING, unknown: LIST<STRING>, name: STRING, found: LIST<MAP>
// complexity: the facts of the item's entities, the most telling first, until they are most in all
//   (of one entity, at most the first so many); state is 'capped' where some were left out
OPTIONAL MATCH (u:User {id: $user})
OPTIONAL MATCH (self:Item {id: $item})
CALL (self) {
  // Away from the item only: the events, which are many, all point to it.
  MATCH (self)-[fact]->(entity:Entity)
  WITH entity, type(fact) AS relation, COUNT { (entity)<--() } AS degree
  WITH DISTINCT entity, relation, degree, log(1.0 + 1.0 * COUNT { (:Item) } / degree) AS weight
  ORDER BY degree, entity.key, relation
  WITH collect({entity: entity, relation: relation, degree: degree, weight: weight}) AS found
  WITH found, reduce(sums = [0], one IN found | sums + [sums[-1] + one.degree]) AS sums
  RETURN [n IN range(0, size(found) - 1) WHERE sums[n] < $most | found[n]] AS facts,
         sums[-1] > $most AS capped
}
CALL (u, self, facts) {
  UNWIND facts AS one
  CALL (one) {
    WITH one.entity AS entity, one.relation AS relation
    MATCH (entity)<-[fact]-(item:Item)
    WHERE type(fact) = relation
    WITH item LIMIT $most
    RETURN DISTINCT item
  }
  WITH u, self, item, sum(one.weight) AS score, count(*) AS shared
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
  WITH item, score, shared
  ORDER BY score DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'attributes',
    count: shared
  }) AS found
}
RETURN CASE WHEN size(facts) = 0 THEN null WHEN capped THEN 'capped' ELSE 'built' END AS state,
       CASE WHEN self IS NULL THEN [$item] ELSE [] END AS unknown,
       coalesce(self.name, self.title) AS name, found

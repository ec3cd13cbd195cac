// purpose: Explain why an item may suit a user: paths from the user's own items over an entity that
//   both have a fact about. A path scores the weight of the user's events on the own item, each
//   times 0.5 ^ (age / half_life), over ln(1 + facts that point to the entity): a recent purchase
//   that shares a rare property says most.
// mode: read
// params: user: STRING of User, item: STRING of Item, k: INTEGER = 5 in 1..1000,
//   half_life: FLOAT = 90 in 0.001.., kinds: MAP = {}, now: INTEGER = null,
//   most: INTEGER = 200 in 1..10000
// columns: score: FLOAT, via: STRING, via_name: STRING, events: INTEGER, weight: FLOAT,
//   first: STRING, entity: STRING, entity_name: STRING, type: STRING, second: STRING
// complexity: the user's events, then the facts of the most weighty own items (at most most of them)
//   and of the item; facts of an entity are never walked, only counted. kinds gives factors to kinds
//   of event, those of the generation in service where there is none; half_life is in days; ages are
//   taken against now, epoch milliseconds, or the user's newest event
MATCH (user:User {id: $user})
MATCH (item:Item {id: $item})
// part: part/kinds_in_service
CALL (user) {
  MATCH (user)-[event:INTERACTED]->(:Item)
  RETURN coalesce($now, max(event.at)) AS newest
}
CALL (user, item, newest, kinds, kind_weights) {
  MATCH (user)-[event:INTERACTED]->(own:Item)
  WHERE own <> item
  WITH own, count(*) AS events, sum(
    coalesce(event.weight, 1.0) * coalesce($kinds[event.event],
      // part: part/kind_weight
    )
    * CASE WHEN event.at IS NULL OR newest IS NULL OR event.at >= newest THEN 1.0
      ELSE 0.5 ^ ((newest - event.at) / (86400000.0 * $half_life)) END) AS weight
  WHERE weight > 0
  ORDER BY weight DESC, own.id
  LIMIT $most
  RETURN own, events, weight
}
CALL (item) {
  MATCH (item)-[second]->(entity:Entity)
  RETURN collect(DISTINCT {entity: entity, second: type(second)}) AS facts
}
WITH own, events, weight, facts, [fact IN facts | fact.entity] AS entities
MATCH (own)-[first]->(entity:Entity)
WHERE entity IN entities
WITH DISTINCT own, events, weight, type(first) AS first, entity, facts
UNWIND [fact IN facts WHERE fact.entity = entity | fact.second] AS second
WITH *, weight / log(1.0 + COUNT { (entity)<--() }) AS score
ORDER BY score DESC, own.id, entity.key, first, second
LIMIT $k
RETURN score, own.id AS via, coalesce(own.name, own.title) AS via_name, events, weight, first,
       entity.id AS entity, coalesce(entity.name, entity.title) AS entity_name,
       [label IN labels(entity) WHERE label <> 'Entity'][0] AS type, second

// purpose: Show the items that share the most telling facts with an item; one row. A shared fact is
//   the same relation to the same entity, and weighs ln(1 + items / facts that point to the entity):
//   what few items share says most. Facts are read from the item to the entity.
// mode: read
// params: item: STRING of Item, k: INTEGER = 10 in 1..1000, user: STRING = null,
//   filters: MAP = {}, now: INTEGER = null, most: INTEGER = 2000 in 1..
// columns: state: STRING, unknown: LIST<STRING>, name: STRING, found: LIST<MAP>
// complexity: the facts of the item's entities, the most telling first, until they are most in all
//   (of one entity, at most the first so many); state is 'capped' where some were left out
OPTIONAL MATCH (u:User {id: $user})
OPTIONAL MATCH (item:Item {id: $item})
CALL (item) {
  // Away from the item only: the events, which are many, all point to it.
  MATCH (item)-[fact]->(entity:Entity)
  WITH entity, type(fact) AS relation, COUNT { (entity)<--() } AS degree
  WITH DISTINCT entity, relation, degree, log(1.0 + 1.0 * COUNT { (:Item) } / degree) AS weight
  ORDER BY degree, entity.key, relation
  WITH collect({entity: entity, relation: relation, degree: degree, weight: weight}) AS found
  WITH found, reduce(sums = [0], one IN found | sums + [sums[-1] + one.degree]) AS sums
  RETURN [n IN range(0, size(found) - 1) WHERE sums[n] < $most | found[n]] AS facts,
         sums[-1] > $most AS capped
}
CALL (u, item, facts) {
  UNWIND facts AS one
  CALL (one) {
    WITH one.entity AS entity, one.relation AS relation
    MATCH (entity)<-[fact]-(other:Item)
    WHERE type(fact) = relation
    WITH other LIMIT $most
    RETURN DISTINCT other
  }
  WITH u, item, other, sum(one.weight) AS score, count(*) AS shared
  WHERE other <> item
  WITH u, other, score, shared, keys($filters) AS attributes
  WHERE NOT EXISTS { (u)-[:INTERACTED]->(other) }
    AND NOT coalesce(other.hidden, false)
    AND coalesce(other.expires_at > coalesce($now, timestamp()), true)
    AND all(attribute IN attributes WHERE CASE
      WHEN valueType(other[attribute]) STARTS WITH 'LIST'
        THEN any(value IN other[attribute] WHERE toString(value) IN $filters[attribute])
      ELSE coalesce(toStringOrNull(other[attribute]) IN $filters[attribute], false) END)
  WITH other, score, shared
  ORDER BY score DESC, other.id
  LIMIT $k
  RETURN collect({
    id: other.id, name: coalesce(other.name, other.title), score: score, source: 'attributes',
    count: shared
  }) AS found
}
RETURN CASE WHEN size(facts) = 0 THEN null WHEN capped THEN 'capped' ELSE 'built' END AS state,
       CASE WHEN item IS NULL THEN [$item] ELSE [] END AS unknown,
       coalesce(item.name, item.title) AS name, found

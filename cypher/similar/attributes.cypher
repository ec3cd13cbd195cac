// purpose: Show the items that share the most telling facts with an item; one row. A shared fact is
//   the same relation to the same entity, and weighs ln(1 + items / facts that point to the entity):
//   what few items share says most. Facts are read from the item to the entity.
// mode: read
// params: item: STRING of Item, user: STRING = null, most: INTEGER = 2000 in 1..
// complexity: the facts of the item's entities, the most telling first, until they are most in all
//   (of one entity, at most the first so many); basis is 'capped' where some were left out
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
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
CALL (u, withheld, self, facts) {
  UNWIND facts AS one
  CALL (one) {
    WITH one.entity AS entity, one.relation AS relation
    MATCH (entity)<-[fact]-(item:Item)
    WHERE type(fact) = relation
    WITH item LIMIT $most
    RETURN DISTINCT item
  }
  WITH u, self, item, sum(one.weight) AS score, count(*) AS shared
  WHERE item <> self
  WITH u, item, score, shared, null AS seen
  // part: part/best_given_withheld
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'attributes',
    count: shared
  }) AS items
}
RETURN $item AS subject, coalesce(self.name, self.title) AS name, self IS NOT NULL AS known,
       null AS generation,
       CASE WHEN size(facts) = 0 THEN 'no-facts' WHEN capped THEN 'capped' ELSE 'attributes' END AS basis,
       items

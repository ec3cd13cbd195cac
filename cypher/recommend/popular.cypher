// purpose: Recommend what most events are on; one row. The score is (n / most n)^(1/3), n the events
//   of now; where kinds of event weigh, what they weighed when the generation in service was
//   published, which stands on the items.
// mode: read
// params: user: STRING = null, k: INTEGER = 10 in 1..1000
// columns: subject: STRING, name: STRING, known: BOOLEAN, generation: INTEGER, basis: STRING,
//   items: LIST<MAP>
// complexity: the degree of every item, from the node
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
OPTIONAL MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
WITH u, withheld, g.max_events AS top,
     CASE WHEN g.weighed_items > 0 THEN 'embedding_g' + toString(g.number) + '_weighed' END AS weighed
CALL (weighed) {
  WITH * WHERE weighed IS NULL
  MATCH (item:Item)
  RETURN 1.0 * max(COUNT { (item)<-[:INTERACTED]-() }) AS highest
}
WITH u, withheld, weighed, coalesce(highest, top) AS most
CALL (u, withheld, weighed, most) {
  MATCH (item:Item)
  WITH u, weighed, most, item, null AS seen
  WHERE
    // part: part/may_be_shown
  WITH item, most, CASE WHEN weighed IS NULL THEN COUNT { (item)<-[:INTERACTED]-() }
    ELSE coalesce(item[weighed], 0.0) END AS events
  WHERE events > 0
  ORDER BY events DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: (events / most) ^ (1.0 / 3),
    source: 'popular', count: COUNT { (item)<-[:INTERACTED]-() }
  }) AS items
}
RETURN coalesce($user, 'everybody') AS subject, null AS name, true AS known, null AS generation,
       'popular' AS basis, items

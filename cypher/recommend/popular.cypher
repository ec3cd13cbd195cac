// purpose: Recommend what most events are on; one row. The score is (n / most n)^(1/3).
// mode: read
// params: user: STRING = null, k: INTEGER = 10 in 1..1000
// columns: subject: STRING, name: STRING, known: BOOLEAN, generation: INTEGER, basis: STRING,
//   items: LIST<MAP>
// complexity: the degree of every item, from the node
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
CALL () {
  MATCH (item:Item)
  RETURN 1.0 * max(COUNT { (item)<-[:INTERACTED]-() }) AS most
}
CALL (u, withheld, most) {
  MATCH (item:Item)
  WITH u, most, item, null AS seen
  WHERE
    // part: part/may_be_shown
  WITH item, most, COUNT { (item)<-[:INTERACTED]-() } AS events
  WHERE events > 0
  ORDER BY events DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: (events / most) ^ (1.0 / 3),
    source: 'popular', count: events
  }) AS items
}
RETURN coalesce($user, 'everybody') AS subject, null AS name, true AS known, null AS generation,
       'popular' AS basis, items

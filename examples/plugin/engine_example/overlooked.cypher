// purpose: List items that few events are on, the fewest first; one row.
// mode: read
// params: user: STRING = null
// complexity: the degree of every item, from the node
OPTIONAL MATCH (u:User {id: $user})
CALL (u) {
  MATCH (item:Item)
  WITH u, item, 1.0 / (1 + COUNT { (item)<-[:INTERACTED]-() }) AS score, null AS seen
  // part: part/best
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'overlooked'
  }) AS items
}
RETURN coalesce($user, 'everybody') AS subject, null AS name,
       $user IS NULL OR u IS NOT NULL AS known, null AS generation, 'overlooked' AS basis, items

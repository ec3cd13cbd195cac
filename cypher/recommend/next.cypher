// purpose: Recommend to a user what follows the items used last; one row. An item scores, for each
//   of the user's newest items, the share of what followed it that the item was, halved with every
//   step back.
// mode: read
// params: user: STRING of User, last: INTEGER = 5 in 1..100
// complexity: the user's events, and the edges of the newest items, at most as many as were kept
OPTIONAL MATCH (graph:DerivedGraph {name: 'sequential'})
WITH graph.state AS state
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
// part: part/kinds_in_service
CALL (u, kinds, kind_weights) {
  MATCH (u)-[event:INTERACTED]->(own:Item)
  WHERE 0 <
    // part: part/kind_weight
  WITH own, max(event.at) AS at
  ORDER BY coalesce(at, 0) DESC, own.id LIMIT $last
  RETURN collect(own) AS owns
}
CALL (u, withheld, owns) {
  UNWIND range(0, size(owns) - 1) AS step
  WITH u, owns[step] AS own, 0.5 ^ step AS weight
  MATCH (own)-[edge:FOLLOWED_BY]->(item:Item)
  WITH u, item, own, weight * edge.score AS part, edge.count AS times
  ORDER BY part DESC, own.id
  WITH u, item, sum(part) AS score, collect(own)[0] AS own, collect(times)[0] AS times
  WITH u, item, score, own, times, null AS seen
  // part: part/best_given_withheld
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'next',
    because: own.id, because_name: coalesce(own.name, own.title), count: times
  }) AS items
}
RETURN $user AS subject, null AS name, u IS NOT NULL AS known, null AS generation,
       CASE WHEN state IS NULL THEN 'not-built' ELSE 'next' END AS basis, items

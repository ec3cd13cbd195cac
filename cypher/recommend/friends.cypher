// purpose: Recommend to a user what friends have, friendships being facts between users; one row. An
//   item scores 0.5 ^ (age / half-life) for each friend's newest event on it; ages are taken against
//   the newest of those events. A friendship counts in both directions.
// mode: read
// params: user: STRING of User, half_life: FLOAT = 90 in 0.01..3650,
//   most: INTEGER = 500 in 1..10000
// idents: relation: relation
// complexity: at most most events of each of at most most friends
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
// part: part/kinds_in_service
CALL (u) {
  MATCH (u)-[:`$relation`]-(friend:User)
  WHERE friend <> u
  WITH DISTINCT friend LIMIT $most
  RETURN collect(friend) AS friends
}
CALL (friends, kinds, kind_weights) {
  UNWIND friends AS friend
  CALL (friend, kinds, kind_weights) {
    MATCH (friend)-[event:INTERACTED]->(item:Item)
    WHERE 0 <
      // part: part/kind_weight
    WITH item, event LIMIT $most
    RETURN item, max(event.at) AS at
  }
  RETURN collect({item: item, friend: friend, at: at}) AS used, max(at) AS newest
}
CALL (u, withheld, used, newest) {
  UNWIND used AS one
  WITH u, one.item AS item, one.friend AS friend,
       coalesce(2.0 ^ ((one.at - newest) / (86400000.0 * $half_life)), 1.0) AS part
  ORDER BY part DESC, friend.id
  WITH u, item, sum(part) AS score, count(*) AS count, collect(friend)[0] AS friend
  WITH u, item, score, count, friend, null AS seen
  // part: part/best_given_withheld
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'friends',
    because: friend.id, because_name: friend.name, count: count
  }) AS items
}
RETURN $user AS subject, null AS name, u IS NOT NULL AS known, null AS generation,
       CASE WHEN size(friends) = 0 THEN 'no-friends' ELSE 'friends' END AS basis, items

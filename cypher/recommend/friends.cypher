// purpose: Recommend to a user what friends have, friendships being facts between users; one row. An
//   item scores 0.5 ^ (age / half-life) for each friend's newest event on it; ages are taken against
//   the newest of those events. A friendship counts in both directions.
// mode: read
// params: user: STRING of User, half_life: FLOAT = 90 in 0.01..3650,
//   most: INTEGER = 500 in 1..10000, k: INTEGER = 10 in 1..1000,
//   exclude_seen: BOOLEAN = true, seen_since: INTEGER = null, seen_events: LIST<STRING> = null,
//   filters: MAP = {}, facts: LIST<LIST<STRING>> = [], block: LIST<STRING> = [],
//   only: LIST<STRING> = null, now: INTEGER = null
// columns: known: BOOLEAN, generation: INTEGER, basis: STRING, friends: INTEGER, items: LIST<MAP>
// idents: relation: relation
// complexity: at most most events of each of at most most friends
OPTIONAL MATCH (u:User {id: $user})
CALL (u) {
  MATCH (u)-[:`$relation`]-(friend:User)
  WHERE friend <> u
  WITH DISTINCT friend LIMIT $most
  RETURN collect(friend) AS friends
}
CALL (friends) {
  UNWIND friends AS friend
  CALL (friend) {
    MATCH (friend)-[event:INTERACTED]->(item:Item)
    WITH item, event LIMIT $most
    RETURN item, max(event.at) AS at
  }
  RETURN collect({item: item, friend: friend, at: at}) AS used, max(at) AS newest
}
CALL (u, used, newest) {
  UNWIND used AS one
  WITH u, one.item AS item, one.friend AS friend,
       coalesce(2.0 ^ ((one.at - newest) / (86400000.0 * $half_life)), 1.0) AS part
  ORDER BY part DESC, friend.id
  WITH u, item, sum(part) AS score, count(*) AS count, collect(friend)[0] AS friend
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
  WITH item, score, count, friend
  ORDER BY score DESC, item.id
  LIMIT $k
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'friends',
    because: friend.id, because_name: friend.name, count: count
  }) AS items
}
RETURN u IS NOT NULL AS known, null AS generation, 'friends' AS basis, size(friends) AS friends, items

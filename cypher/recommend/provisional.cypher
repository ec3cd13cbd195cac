// purpose: Recommend items to a user before any model is published, by what needs none: the own items
//   by how often of late, what shares baskets with them, and what many had of late; one row.
//   score = n / (1 + n) + near / (highest near) + (m / (highest m))^(1/3) / 4, n = Σ 2^(-age / 60 days)
//   of the user's events on the item, near = Σ n · score of CO_OCCURRED over the own items, m the
//   events on it of the last 28 days. Ages count from the newest event there is.
// mode: read
// params: user: STRING, k: INTEGER = 10 in 1..1000
// columns: subject: STRING, name: STRING, known: BOOLEAN, generation: INTEGER, basis: STRING,
//   items: LIST<MAP>
// complexity: the user's events, the edges of 50 own items, and the events of 28 days, at most 50,000
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
CALL () {
  OPTIONAL MATCH ()-[event:INTERACTED]->()
  WHERE event.at IS NOT NULL
  RETURN event.at AS newest
  ORDER BY event.at DESC LIMIT 1
}
CALL (u, newest) {
  MATCH (u)-[event:INTERACTED]->(item:Item)
  WITH item,
       max(coalesce(event.at >= $seen_since, true)
         AND coalesce(event.event IN $seen_events, true)) AS seen,
       sum(coalesce(2.0 ^ ((event.at - newest) / (60 * 86400000.0)), 1.0)) AS often
  ORDER BY often DESC, item.id
  RETURN collect({item: item, seen: seen, often: often}) AS own
}
CALL (own) {
  UNWIND own[0..50] AS one
  WITH one.item AS from, one.often AS often
  MATCH (from)-[edge:CO_OCCURRED]->(item:Item)
  WITH item, sum(often * edge.score) AS near
  ORDER BY near DESC, item.id LIMIT 1500
  WITH collect({item: item, near: near}) AS joined, max(near) AS nearest
  // A scale of 1 where there is nothing to scale: edges of old events alone may score 0.
  RETURN joined, CASE WHEN nearest > 0 THEN nearest ELSE 1.0 END AS nearest
}
CALL (newest) {
  CALL (newest) {
    MATCH ()-[event:INTERACTED]->(item:Item)
    WHERE event.at >= newest - 28 * 86400000
    RETURN item
    ORDER BY event.at DESC LIMIT 50000
    UNION ALL
    // No event has a time: all of them count.
    UNWIND CASE WHEN newest IS NULL THEN [1] ELSE [] END AS untimed
    MATCH ()-[event:INTERACTED]->(item:Item)
    RETURN item LIMIT 50000
  }
  WITH item, count(*) AS events
  ORDER BY events DESC, item.id LIMIT 2000
  RETURN collect({item: item, events: events}) AS popular, max(events) AS most
}
CALL (own, joined, nearest, popular, most) {
  CALL (own, joined, nearest, popular, most) {
    UNWIND own AS one
    RETURN one.item AS item, one.seen AS seen, one.often / (1.0 + one.often) AS again,
           0.0 AS together, 0.0 AS liked
    UNION ALL
    UNWIND joined AS one
    RETURN one.item AS item, false AS seen, 0.0 AS again, one.near / nearest AS together, 0.0 AS liked
    UNION ALL
    UNWIND popular AS one
    RETURN one.item AS item, false AS seen, 0.0 AS again, 0.0 AS together,
           (1.0 * one.events / most) ^ (1.0 / 3) / 4 AS liked
  }
  WITH item, max(seen) AS seen, sum(again) AS again, sum(together) AS together, sum(liked) AS liked
  RETURN collect({
    item: item, seen: seen, score: again + together + liked,
    source: CASE WHEN again > 0 AND again >= together THEN 'again'
      WHEN together > 0 THEN 'bought-together' ELSE 'popular' END
  }) AS found
}
CALL (u, withheld, found) {
  UNWIND found AS one
  WITH u, one, one.item AS item, one.score AS score, one.seen AS seen
  // part: part/best_given_withheld
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: one.source
  }) AS items
}
RETURN $user AS subject, null AS name, u IS NOT NULL AS known, null AS generation,
       CASE WHEN u IS NULL THEN 'unknown-user' ELSE 'provisional' END AS basis, items

// purpose: Recommend what is asked for more than before; one row. With r and b the events on an item,
//   each what its kind weighs
//   times 0.5 ^ (age / half-life), by a half-life of half_life days and of four times as many:
//   before = b / 4 is what r would be had nothing changed, and the score is how many standard
//   deviations of a Poisson count r lies above it, (r - before) / sqrt(before + 1). The 1 keeps a
//   single event from being a trend.
// mode: read
// params: user: STRING = null, half_life: FLOAT = 7 in 0.01..3650, most: INTEGER = 50000 in 1..500000
// complexity: the newest events, by the index on their time: those of 16 half-lives, at most most
// source: exponentially decayed counts: Cormode, Shkapenyuk, Srivastava, Xu: Forward decay, 2009
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
// part: part/kinds_in_service
CALL () {
  OPTIONAL MATCH ()-[event:INTERACTED]->()
  WHERE event.at IS NOT NULL
  RETURN event.at AS newest, 86400000.0 * $half_life AS half_life
  ORDER BY event.at DESC LIMIT 1
}
CALL (u, withheld, kinds, kind_weights, newest, half_life) {
  MATCH ()-[event:INTERACTED]->(item:Item)
  WHERE event.at >= newest - toInteger(16 * half_life)
  WITH u, item, event.at AS at, newest, half_life,
       // part: part/kind_weight
       AS weight
  ORDER BY at DESC LIMIT $most
  WITH u, item, sum(weight * 2.0 ^ ((at - newest) / half_life)) AS recent,
       sum(weight * 2.0 ^ ((at - newest) / (4 * half_life))) / 4 AS before
  WHERE recent > before
  WITH u, item, recent, before, (recent - before) / sqrt(before + 1.0) AS score, null AS seen
  // part: part/best_given_withheld
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'trending',
    recent: recent, before: before
  }) AS items
}
RETURN coalesce($user, 'everybody') AS subject, null AS name, true AS known, null AS generation,
       CASE WHEN newest IS NULL THEN 'no-times' ELSE 'trending' END AS basis, items

// purpose: Recommend to a user what is due to be bought again; one row. An item's gap is the median
//   of the times between the user's own purchases of it or, where there was one only, between those
//   of each other user. It is due once the last purchase is longer ago than the gap. With r = time
//   since / gap, the score is n / (n + 1) * (r up to 2, then 2 * 0.5 ^ (r - 2)) for n purchases: the
//   most overdue first, until the habit is probably over. An event of a kind that weighs nothing is no
//   purchase. Times are counted to the newest event of all. What was bought since seen_since is left
//   out; without it exclude_seen has no say.
// mode: read
// params: user: STRING of User, most: INTEGER = 200 in 1..10000
// complexity: the user's events; of items bought once, the newest hundred, at most most events each
// source: after Bhagat, Muralidharan, Lobzhanidze, Vishwanath: Buy It Again, KDD 2018, whose repeat
//   rate peaks at the mean gap; a median needs no parameters to be fitted and stands a holiday
OPTIONAL MATCH (u:User {id: $user})
// part: part/withheld
// part: part/kinds_in_service
CALL () {
  OPTIONAL MATCH ()-[event:INTERACTED]->()
  WHERE event.at IS NOT NULL
  RETURN event.at AS newest
  ORDER BY event.at DESC LIMIT 1
}
CALL (u, kinds, kind_weights) {
  MATCH (u)-[event:INTERACTED]->(item:Item)
  WHERE event.at IS NOT NULL AND coalesce(event.event IN $seen_events, true)
    AND 0 <
    // part: part/kind_weight
  WITH DISTINCT item, event.at AS at
  ORDER BY at
  WITH item, collect(at) AS times
  ORDER BY times[-1] DESC, item.id
  WITH collect({item: item, times: times,
    gaps: [n IN range(1, size(times) - 1) | times[n] - times[n - 1]]}) AS bought
  RETURN [one IN bought WHERE size(one.gaps) > 0] AS often,
         [one IN bought WHERE size(one.gaps) = 0][0..100] AS once
}
CALL (u, once, kinds, kind_weights) {
  UNWIND once AS one
  WITH u, one, one.item AS item
  CALL (u, item, kinds, kind_weights) {
    MATCH (item)<-[event:INTERACTED]-(other:User)
    WITH u, other, event LIMIT $most
    WHERE other <> u AND event.at IS NOT NULL AND coalesce(event.event IN $seen_events, true)
      AND 0 <
      // part: part/kind_weight
    WITH DISTINCT other, event.at AS at
    ORDER BY at
    WITH other, collect(at) AS times
    UNWIND range(1, size(times) - 1) AS n
    RETURN percentileCont(times[n] - times[n - 1], 0.5) AS gap
  }
  RETURN collect({item: item, times: one.times, gap: gap, others: true}) AS by_others
}
CALL (often) {
  UNWIND often AS one
  UNWIND one.gaps AS gap
  WITH one.item AS item, one.times AS times, percentileCont(gap, 0.5) AS gap
  RETURN collect({item: item, times: times, gap: gap, others: false}) AS by_user
}
CALL (u, withheld, newest, by_user, by_others) {
  UNWIND by_user + by_others AS one
  WITH u, one, one.times[-1] AS last, size(one.times) AS count, newest - one.times[-1] AS since
  WHERE one.gap > 0 AND since >= one.gap
  WITH u, one, last, count, since, 1.0 * since / one.gap AS late
  WITH u, one, count, since, one.item AS item, coalesce(last >= $seen_since, false) AS seen,
       1.0 * count / (count + 1) * CASE WHEN late <= 2 THEN late ELSE 2.0 * 0.5 ^ (late - 2) END
         AS score
  // part: part/best_given_withheld
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'again',
    count: count, gap_days: one.gap / 86400000.0, since_days: since / 86400000.0, of_others: one.others
  }) AS items
}
RETURN $user AS subject, null AS name, u IS NOT NULL AS known, null AS generation, 'again' AS basis,
       items

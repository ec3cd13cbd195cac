// purpose: What the graph tells of users and of the items that could be recommended to them, at one
//   moment: every event of theirs up to it, what each source names, and a row of numbers of all
//   these items. One text makes the rows a ranker learns from and those it serves by: as_of is the
//   moment, and nothing after it is read; without one it is that of the newest event.
//   engine/ranking makes features of what this returns.
// mode: read
// params: users: LIST<STRING>, generation: INTEGER, as_of: INTEGER = null, near: INTEGER = 100
// columns: subject: STRING, known: BOOLEAN, generation: INTEGER, as_of: INTEGER, own: LIST<INTEGER>,
//   times: LIST<LIST<INTEGER>>, baskets: LIST<LIST<STRING>>, nearest: LIST<LIST<ANY>>,
//   together: LIST<LIST<ANY>>, following: LIST<LIST<ANY>>, people: LIST<LIST<ANY>>,
//   popular: LIST<INTEGER>,
//   item: LIST<INTEGER>, shown: LIST<BOOLEAN>, numbers: LIST<ANY>
// complexity: the users' events, one index look-up, the lists of the items of the last basket
// For the past any generation may be asked that has seen nothing after it; now the one in service.
MATCH (g:Generation {number: $generation})
WHERE $as_of IS NOT NULL OR EXISTS { (:Serving {name: 'default'})-[:USES]->(g) }
CALL () {
  OPTIONAL MATCH ()-[event:INTERACTED]->()
  WHERE $as_of IS NULL AND event.at IS NOT NULL
  RETURN coalesce($as_of, event.at, 0) AS as_of
  ORDER BY event.at DESC LIMIT 1
}
WITH g, as_of, toString(g.number) AS number
WITH g, as_of, 'embedding_g' + number AS property, 'item_embedding_g' + number AS index
WITH *, property + '_numbers' AS row, property + '_together' AS with_it,
     property + '_following' AS after_it, property + '_people' AS of_others,
     property + '_people_counts' AS their_counts
CALL (g) {
  UNWIND g.ranking_popular AS id
  MATCH (item:Item {id: id})
  RETURN collect(item) AS popular
}
UNWIND $users AS subject
OPTIONAL MATCH (u:User {id: subject})
CALL (u, as_of) {
  MATCH (u)-[event:INTERACTED]->(item:Item)
  WHERE coalesce(event.at, 0) <= as_of
  WITH item, event, coalesce(event.at, 0) AS at
  WITH item, collect(at) AS times, collect(coalesce(event.basket, toString(at))) AS baskets,
       max([at, coalesce(event.basket, toString(at))]) AS last,
       max(coalesce(at >= $seen_since, true) AND coalesce(event.event IN $seen_events, true)) AS seen
  RETURN collect(item) AS own, collect(times) AS times, collect(baskets) AS baskets,
         collect(seen) AS own_seen, max(last)[1] AS newest
}
WITH *, u[property] AS vector, $near AS fetch
// part: part/nearest_items
WITH *, [n IN range(0, size(own) - 1) WHERE newest IN baskets[n] | own[n]] AS basket
CALL (u, of_others, their_counts) {
  WITH coalesce(u[of_others], []) AS ids, u[their_counts] AS counts
  UNWIND range(0, size(ids) - 1) AS n
  MATCH (item:Item {id: ids[n]})
  RETURN collect([item, counts[n]]) AS people
}
CALL (basket, with_it) {
  UNWIND basket AS from
  UNWIND from[with_it] AS id
  WITH id, count(*) AS score ORDER BY score DESC, id LIMIT 60
  MATCH (item:Item {id: id})
  RETURN collect([item, score]) AS together
}
CALL (basket, after_it) {
  UNWIND basket AS from
  UNWIND from[after_it] AS id
  WITH id, count(*) AS score ORDER BY score DESC, id LIMIT 60
  MATCH (item:Item {id: id})
  RETURN collect([item, score]) AS following
}
CALL (u, own, own_seen, nearest, people, together, following, popular, row) {
  CALL (own, own_seen, nearest, people, together, following, popular) {
    UNWIND range(0, size(own) - 1) AS n
    RETURN own[n] AS item, own_seen[n] AS seen
    UNION ALL
    UNWIND [one IN nearest + together + following + people | one[0]] + popular AS item
    RETURN item, false AS seen
  }
  WITH u, row, item, max(seen) AS seen
  WITH u, row, item, seen,
    // part: part/may_be_shown
    AS may
  RETURN collect(id(item)) AS item, collect(may) AS shown, collect(item[row]) AS numbers
}
RETURN subject, u IS NOT NULL AS known, g.number AS generation, as_of,
       [one IN own | id(one)] AS own, times, baskets,
       [one IN nearest | [id(one[0]), one[1]]] AS nearest,
       [one IN together | [id(one[0]), one[1]]] AS together,
       [one IN following | [id(one[0]), one[1]]] AS following,
       [one IN people | [id(one[0]), one[1]]] AS people,
       [one IN popular | id(one)] AS popular,
       item, shown, numbers

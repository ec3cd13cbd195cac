// purpose: What the graph tells of users and of the items that could be recommended to them, at one
//   moment: every event of theirs up to it, what each source names, and a row of numbers of all
//   these items. One text makes the rows a ranker learns from and those it serves by: as_of is the
//   moment, and nothing after it is read; without one it is that of the newest event.
//   engine/ranking makes features of what this returns.
// mode: read
// params: users: LIST<STRING>, generation: INTEGER, ranker: STRING = null, as_of: INTEGER = null,
//   near: INTEGER = 50, most_own: INTEGER = 150
// columns: subject: STRING, known: BOOLEAN, generation: INTEGER, as_of: INTEGER,
//   own: LIST<INTEGER>, times: LIST<LIST<INTEGER>>, baskets: LIST<LIST<STRING>>,
//   rest: LIST<INTEGER>, rest_numbers: LIST<ANY>,
//   nearest: LIST<LIST<ANY>>, together: LIST<LIST<ANY>>, following: LIST<LIST<ANY>>,
//   people: LIST<STRING>, people_counts: LIST<FLOAT>, popular: LIST<INTEGER>, item: LIST<INTEGER>,
//   shown: LIST<BOOLEAN>, ids: LIST<STRING>, names: LIST<STRING>, numbers: LIST<ANY>
// idents: numbers: property, together: property, following: property, people: property,
//   people_counts: property
// complexity: the users' events, one index look-up, the lists of the items of the last basket
// For the past any generation may be asked that has seen nothing after it; now the one in service, as
// long as it has the ranker that will order them: a restored graph may have another of this number.
MATCH (g:Generation {number: $generation})
WHERE $as_of IS NOT NULL OR EXISTS { (:Serving {name: 'default'})-[:USES]->(g) }
  AND ($ranker IS NULL OR EXISTS { (g)-[:RANKS_BY]->(:Ranker {sha256: $ranker}) })
CALL () {
  CALL () {
    // UNWIND, as a WHERE here would be tested for every event there is.
    UNWIND CASE WHEN $as_of IS NULL THEN [1] ELSE [] END AS now
    CALL () {
      MATCH ()-[event:INTERACTED]->()
      WHERE event.at IS NOT NULL
      RETURN event.at AS at
      ORDER BY at DESC LIMIT 1
    }
    RETURN at
  }
  RETURN coalesce($as_of, max(at), 0) AS as_of
}
CALL (g) {
  UNWIND g.ranking_popular AS id
  MATCH (item:Item {id: id})
  RETURN collect(item) AS popular
}
UNWIND $users AS subject
OPTIONAL MATCH (u:User {id: subject})
// Own items, when each was taken and in which basket; events that name none are one each day. Those
// that were taken most, the newer the more, come first: of the others only events are told, as they
// stand at the end of any list. Last: the items of the newest basket.
CALL (u, as_of) {
  MATCH (u)-[event:INTERACTED]->(item:Item)
  WITH item, event.basket AS basket, coalesce(event.at, 0) AS at
  WHERE at <= as_of
  WITH item, at, coalesce(basket, 'day ' + toString(at / 86400000)) AS basket
  WITH item, collect(at) AS times, collect(basket) AS baskets, max([at, basket]) AS newest,
       sum(2.0 ^ ((at - as_of) / (120 * 86400000.0))) AS weight
  ORDER BY weight DESC, item.id
  WITH collect(item) AS own, collect(times) AS times, collect(baskets) AS baskets,
       max(newest)[1] AS newest
  RETURN own, times, baskets,
         [n IN range(0, size(own) - 1) WHERE newest IN baskets[n] | own[n]] AS last
}
WITH g, subject, u, as_of, popular, own, times, baskets, last,
     'item_embedding_g' + toString(g.number) AS index,
     u['embedding_g' + toString(g.number)] AS vector, $near AS fetch
// part: part/nearest_items
CALL (u) {
  // The best that others have; behind them stand own items, which are there already.
  UNWIND u.`$people`[0..60] AS id
  MATCH (item:Item {id: id})
  RETURN collect(item) AS people
}
CALL (last) {
  UNWIND last AS from
  UNWIND from.`$together` AS id
  WITH id, count(*) AS score ORDER BY score DESC, id LIMIT 40
  MATCH (item:Item {id: id})
  RETURN collect([item, score]) AS together
}
CALL (last) {
  UNWIND last AS from
  UNWIND from.`$following` AS id
  WITH id, count(*) AS score ORDER BY score DESC, id LIMIT 30
  MATCH (item:Item {id: id})
  RETURN collect([item, score]) AS following
}
CALL (u, as_of, own, nearest, people, together, following, popular) {
  CALL (u, as_of, own, nearest, people, together, following, popular) {
    UNWIND range(0, size(own) - 1) AS n
    RETURN own[n] AS item, n < $most_own AS named, $seen_since IS NULL AND $seen_events IS NULL AS seen
    UNION ALL
    UNWIND CASE WHEN $seen_since IS NULL AND $seen_events IS NULL THEN [] ELSE [1] END AS every
    MATCH (u)-[event:INTERACTED]->(item:Item)
    WHERE coalesce(event.at, 0) <= as_of
    RETURN item, false AS named, coalesce(event.at >= $seen_since, true)
      AND coalesce(event.event IN $seen_events, true) AS seen
    UNION ALL
    UNWIND [one IN nearest + together + following | one[0]] + people + popular AS item
    RETURN item, true AS named, false AS seen
  }
  WITH u, item, max(named) AS named, max(seen) AS seen
  WHERE named
  WITH u, item, seen,
    // part: part/may_be_shown
    AS may
  // What is collected has no nulls. A name is read where it may be shown to somebody.
  RETURN collect(id(item)) AS item, collect(may) AS shown, collect(item.id) AS ids,
         collect(CASE WHEN may AND $as_of IS NULL THEN coalesce(item.name, item.title, '')
           ELSE '' END) AS names,
         collect(coalesce(item.`$numbers`, '')) AS numbers
}
RETURN subject, u IS NOT NULL AS known, g.number AS generation, as_of,
       [one IN own | id(one)] AS own, times, baskets,
       [one IN own[$most_own..] | id(one)] AS rest,
       [one IN own[$most_own..] | coalesce(one.`$numbers`, '')] AS rest_numbers,
       [one IN nearest | [id(one[0]), one[1]]] AS nearest,
       [one IN together | [id(one[0]), one[1]]] AS together,
       [one IN following | [id(one[0]), one[1]]] AS following,
       coalesce(u.`$people`, []) AS people, coalesce(u.`$people_counts`, []) AS people_counts,
       [one IN popular | id(one)] AS popular,
       item, shown, ids, names, numbers

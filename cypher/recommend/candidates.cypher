// purpose: What the graph tells of users and of the items that could be recommended to them, at one
//   moment: every event of theirs up to it, what each source names, and a row of numbers of all
//   these items. One text makes the rows a ranker learns from and those it serves by: as_of is the
//   moment, and nothing after it is read; without one it is that of the newest event.
//   engine/ranking makes features of what this returns.
// mode: read
// params: users: LIST<STRING>, generation: INTEGER, ranker: STRING = null, as_of: INTEGER = null,
//   near: INTEGER = 50, pinned: INTEGER = null
// columns: subject: STRING, known: BOOLEAN, generation: INTEGER, as_of: INTEGER,
//   own: LIST<INTEGER>, times: LIST<INTEGER>, baskets: LIST<STRING>, near: LIST<INTEGER>,
//   near_scores: LIST<FLOAT>, together: LIST<STRING>, together_scores: LIST<INTEGER>,
//   following: LIST<STRING>, following_scores: LIST<INTEGER>, people: LIST<STRING>,
//   people_counts: LIST<FLOAT>, popular: LIST<STRING>, item: LIST<INTEGER>, shown: LIST<BOOLEAN>,
//   ids: LIST<STRING>, names: LIST<STRING>, numbers: LIST<ANY>
// idents: numbers: property, together: property, following: property, people: property,
//   people_counts: property
// complexity: the users' events, one index look-up or the edges of the own items, the lists of the
//   items of the last basket
// For the past any generation may be asked that has seen nothing after it; now the one in service or
// the one that is pinned, as long as it has the ranker that will order them: a restored graph may have
// another of this number.
MATCH (g:Generation {number: $generation})
WHERE $as_of IS NOT NULL OR (g.number = $pinned OR EXISTS { (:Serving {name: 'default'})-[:USES]->(g) })
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
WITH g, as_of, g.kinds AS kinds, g.kind_weights AS kind_weights
UNWIND $users AS subject
OPTIONAL MATCH (u:User {id: subject})
// Every own event: its item, when it was, and its basket; those that name none are one each day.
// Flat: a list for each item costs the server as much as all the rest of this.
CALL (u, as_of, kinds, kind_weights) {
  MATCH (u)-[event:INTERACTED]->(item:Item)
  WITH item, event.basket AS basket, coalesce(event.at, 0) AS at,
       // part: part/kind_weight
       AS weight
  WHERE at <= as_of AND weight > 0
  WITH item, at, coalesce(basket, 'day ' + toString(at / 86400000)) AS basket
  RETURN collect(item) AS own, collect(at) AS times, collect(basket) AS baskets,
         max([at, basket])[1] AS newest
}
WITH g, subject, u, as_of, own, times, baskets, kinds IS NULL AS every_kind_counts,
     [n IN range(0, size(own) - 1) WHERE baskets[n] = newest | own[n]] AS last,
     'item_embedding_g' + toString(g.number) AS index,
     u['embedding_g' + toString(g.number)] AS vector, $near AS fetch
// part: part/nearest_items
WITH *, as_of AS until
// What the model says: by vectors, or by the edges of a filter.
CALL (g, u, until) {
  // part: part/filter_profile
  WITH share, mine[property + '_edges'][0..followed] AS ids, mine[property + '_weights'] AS weights
  UNWIND range(0, coalesce(size(ids), 0) - 1) AS n
  WITH ids[n] AS id, sum(share * weights[n]) AS near
  ORDER BY near DESC, id LIMIT $near
  MATCH (item:Item {id: id})
  RETURN collect([item, near]) AS reached
}
WITH *, nearest + reached AS nearest
CALL (last) {
  UNWIND last AS from
  WITH DISTINCT from
  UNWIND from.`$together` AS id
  WITH id, count(*) AS score ORDER BY score DESC, id LIMIT 40
  RETURN collect(id) AS together, collect(score) AS together_scores
}
CALL (last) {
  UNWIND last AS from
  WITH DISTINCT from
  UNWIND from.`$following` AS id
  WITH id, count(*) AS score ORDER BY score DESC, id LIMIT 30
  RETURN collect(id) AS following, collect(score) AS following_scores
}
// part: part/withheld
CALL (g, u, withheld, own, nearest, together, following, every_kind_counts) {
  CALL (g, u, own, nearest, together, following) {
    UNWIND own AS item
    WITH DISTINCT item
    RETURN item, true AS seen
    UNION ALL
    UNWIND nearest AS one
    RETURN one[0] AS item, false AS seen
    UNION ALL
    // The best that others have; behind them stand own items, which are there already.
    UNWIND coalesce(u.`$people`, [])[0..60] + together + following + coalesce(g.ranking_popular, [])
      AS id
    WITH DISTINCT id
    MATCH (item:Item {id: id})
    RETURN item, false AS seen
  }
  // With null the rule asks for the events themselves: not all of them may count as use, and those of
  // a kind that nothing is learned of are use all the same.
  WITH u, every_kind_counts, item, max(seen) AS had
  WITH u, item, CASE WHEN every_kind_counts AND $seen_since IS NULL AND $seen_events IS NULL
    THEN had END AS seen
  WITH u, item,
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
       [one IN nearest | id(one[0])] AS near, [one IN nearest | one[1]] AS near_scores,
       together, together_scores, following, following_scores,
       coalesce(u.`$people`, []) AS people, coalesce(u.`$people_counts`, []) AS people_counts,
       coalesce(g.ranking_popular, []) AS popular, item, shown, ids, names, numbers

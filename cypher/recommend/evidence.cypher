// purpose: Gather what speaks for an item beside shared facts; one row. alike: the user's own items
//   whose vectors are most like the item's, share being that of the sum over own items of
//   cosine * 0.5 ^ (age / half-life), so those that carry most of the score; where a filter serves,
//   the weight of the edge from the own item stands for the cosine. together and after: the own item
//   that shares most baskets with it, and the one it follows most often. An event of a kind that weighs
//   nothing makes no item an own one.
// mode: read
// params: user: STRING of User, item: STRING of Item, k: INTEGER = 3 in 1..100,
//   most: INTEGER = 200 in 1..10000
// columns: user: BOOLEAN, item: BOOLEAN, name: STRING, events: INTEGER, bought: INTEGER,
//   generation: INTEGER, alike: LIST<MAP>, together: MAP, after: MAP
// complexity: the user's events, and a comparison with the newest most of the own items
OPTIONAL MATCH (u:User {id: $user})
OPTIONAL MATCH (item:Item {id: $item})
OPTIONAL MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
WITH u, item, g, g.kinds AS kinds, g.kind_weights AS kind_weights,
     'embedding_g' + toString(g.number) AS property,
     // An age that does not matter is a half-life without end.
     86400000.0 * CASE WHEN g.edges IS NULL THEN g.half_life_days
       WHEN g.profile_half_life_days > 0 THEN g.profile_half_life_days ELSE 1.0e12 END AS half_life
CALL (u, item, kinds, kind_weights) {
  MATCH (u)-[event:INTERACTED]->(own:Item)
  WHERE own <> item AND 0 <
    // part: part/kind_weight
  WITH own, max(event.at) AS at, count(*) AS times
  ORDER BY coalesce(at, 0) DESC, own.id LIMIT $most
  RETURN collect({item: own, at: at, times: times}) AS owns
}
CALL (u, item, kinds, kind_weights) {
  MATCH (u)-[event:INTERACTED]->(item)
  WHERE 0 <
    // part: part/kind_weight
  RETURN count(*) AS bought
}
CALL (item, owns, property, half_life) {
  UNWIND owns AS one
  // Read once here: inside the list below it would be once for every edge.
  WITH one, owns, item, property, half_life, one.item[property + '_edges'] AS ids,
       one.item[property + '_weights'] AS weights
  WITH one, owns, CASE
         WHEN ids IS NULL
           THEN 2.0 * vector.similarity.cosine(one.item[property], item[property]) - 1.0
         ELSE [n IN range(0, size(ids) - 1) WHERE ids[n] = item.id | weights[n]][0] END AS cosine,
       coalesce(2.0 ^ ((one.at - owns[0].at) / half_life), 1.0) AS fresh
  WHERE cosine > 0
  WITH collect({one: one, cosine: cosine, part: cosine * fresh}) AS parts, sum(cosine * fresh) AS all
  UNWIND parts AS part
  WITH part.one AS one, part.cosine AS cosine, part.part / all AS share
  ORDER BY share DESC, one.item.id
  LIMIT $k
  RETURN collect({
    id: one.item.id, name: coalesce(one.item.name, one.item.title), cosine: cosine, share: share,
    times: one.times
  }) AS alike
}
CALL (item, owns) {
  UNWIND owns AS one
  WITH item, one.item AS own
  MATCH (own)-[edge:CO_OCCURRED]->(item)
  WITH own, edge ORDER BY edge.count DESC, own.id LIMIT 1
  RETURN collect({id: own.id, name: coalesce(own.name, own.title), count: edge.count})[0] AS together
}
CALL (item, owns) {
  UNWIND owns AS one
  WITH item, one.item AS own
  MATCH (own)-[edge:FOLLOWED_BY]->(item)
  WITH own, edge ORDER BY edge.count DESC, own.id LIMIT 1
  RETURN collect({id: own.id, name: coalesce(own.name, own.title), count: edge.count})[0] AS after
}
RETURN u IS NOT NULL AS user, item IS NOT NULL AS item, coalesce(item.name, item.title) AS name,
       COUNT { (item)<-[:INTERACTED]-() } AS events,
       bought, g.number AS generation, alike, together, after

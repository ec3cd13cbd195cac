// purpose: Gather what speaks for an item beside shared facts; one row. alike: the user's own items
//   whose vectors are most like the item's, share being that of the sum over own items of
//   cosine * 0.5 ^ (age / half-life), so those that carry most of the score; where a filter serves,
//   the weight of the edge from the own item stands for the cosine, and what the item counts in the
//   user's profile for the age. together and after: the own item that shares most baskets with it, and
//   the one it follows most often. An event of a kind that weighs nothing makes no item an own one.
// mode: read
// params: user: STRING of User, item: STRING of Item, k: INTEGER = 3 in 1..100,
//   most: INTEGER = 200 in 1..10000
// columns: user: BOOLEAN, item: BOOLEAN, name: STRING, events: INTEGER, bought: INTEGER,
//   generation: INTEGER, alike: LIST<MAP>, together: MAP, after: MAP
// complexity: the user's events, and a comparison with the newest most of the own items
OPTIONAL MATCH (u:User {id: $user})
OPTIONAL MATCH (item:Item {id: $item})
OPTIONAL MATCH (:Serving {name: 'default'})-[:USES]->(g:Generation)
WITH u, item, g, null AS until, g.kinds AS kinds, g.kind_weights AS kind_weights
CALL (u, item, kinds, kind_weights) {
  MATCH (u)-[event:INTERACTED]->(own:Item)
  WHERE own <> item AND 0 <
    // part: part/kind_weight
  WITH own, max(event.at) AS at
  ORDER BY coalesce(at, 0) DESC, own.id LIMIT $most
  RETURN collect({item: own, at: at}) AS owns
}
CALL (u, item, kinds, kind_weights) {
  MATCH (u)-[event:INTERACTED]->(item)
  WHERE 0 <
    // part: part/kind_weight
  RETURN count(*) AS bought
}
CALL (g, u, item, until, owns, kinds, kind_weights) {
  CALL (g, u, item, until, owns) {
    WITH item, owns, 'embedding_g' + toString(g.number) AS property,
         86400000.0 * g.half_life_days AS half_life, g.edges AS edges
    WHERE edges IS NULL
    UNWIND owns AS one
    RETURN one.item AS own, coalesce(2.0 ^ ((one.at - owns[0].at) / half_life), 1.0) AS counts,
           2.0 * vector.similarity.cosine(one.item[property], item[property]) - 1.0 AS cosine
    UNION ALL
    WITH g, u, item, until
    // part: part/filter_profile
    // Read once here: inside the list below it would be once for every edge.
    WITH mine AS own, share, mine[property + '_edges'][0..followed] AS ids,
         mine[property + '_weights'] AS weights
    RETURN own, share AS counts,
           [n IN range(0, size(ids) - 1) WHERE ids[n] = $item | weights[n]][0] AS cosine
  }
  WITH u, own, kinds, kind_weights, cosine, cosine * counts AS part
  WHERE cosine > 0
  WITH u, kinds, kind_weights, collect({own: own, cosine: cosine, part: part}) AS parts,
       sum(part) AS all
  UNWIND parts AS one
  WITH u, kinds, kind_weights, one.own AS own, one.cosine AS cosine, one.part / all AS share
  ORDER BY share DESC, own.id
  LIMIT $k
  RETURN collect({
    id: own.id, name: coalesce(own.name, own.title), cosine: cosine, share: share,
    times: COUNT { (u)-[event:INTERACTED]->(own) WHERE 0 <
      // part: part/kind_weight
    }
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

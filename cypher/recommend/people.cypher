// purpose: Recommend to a user what those most like the user have; one row. The nearest are found by
//   vector; for a user without one, by items both have, shared / sqrt(items of one * items of the
//   other). An item scores the share of the nearest that have it, each weighed by its likeness.
// mode: read
// params: user: STRING of User, people: INTEGER = 50 in 1..500, most: INTEGER = 500 in 1..10000
// complexity: one index look-up and at most most events of each of the nearest; without a vector
//   also at most most events of each of the user's newest fifty items
// source: Sarwar, Karypis, Konstan, Riedl: Analysis of recommendation algorithms for e-commerce, 2000
// part: part/serving_generation
OPTIONAL MATCH (u:User {id: $user})
WITH g, u, u['embedding_g' + toString(g.number)] AS vector,
     'user_embedding_g' + toString(g.number) AS index, $people + 1 AS fetch, g.kinds AS kinds,
     g.kind_weights AS kind_weights
// part: part/nearest_users
CALL (u, vector, nearest, kinds, kind_weights) {
  CALL (u, vector, nearest, kinds, kind_weights) {
    UNWIND nearest AS one
    WITH u, one[0] AS other, one[1] AS alike
    WHERE other <> u AND alike > 0
    RETURN other, alike
    UNION ALL
    WITH * WHERE vector IS NULL
    MATCH (u)-[event:INTERACTED]->(own:Item)
    WHERE 0 <
      // part: part/kind_weight
    WITH u, own, max(event.at) AS at
    ORDER BY coalesce(at, 0) DESC, own.id LIMIT 50
    WITH u, collect(own) AS owns
    UNWIND owns AS own
    CALL (own) {
      MATCH (own)<-[:INTERACTED]-(other:User)
      WITH other LIMIT $most
      RETURN DISTINCT other
    }
    WITH u, owns, other, count(*) AS shared
    WHERE other <> u
    WITH other, shared / sqrt(1.0 * size(owns) * COUNT { (other)-[:INTERACTED]->() }) AS alike
    ORDER BY alike DESC, other.id LIMIT $people
    RETURN other, alike
  }
  RETURN collect({user: other, alike: alike}) AS others, sum(alike) AS all
}
// part: part/withheld
CALL (u, withheld, others, all, kinds, kind_weights) {
  UNWIND others AS one
  CALL (one, kinds, kind_weights) {
    WITH one.user AS other
    MATCH (other)-[event:INTERACTED]->(item:Item)
    WHERE 0 <
      // part: part/kind_weight
    WITH item LIMIT $most
    RETURN DISTINCT item
  }
  WITH u, item, all, sum(one.alike) AS alike, count(*) AS count
  WITH u, item, alike / all AS score, count, null AS seen
  // part: part/best_given_withheld
  RETURN collect({
    id: item.id, name: coalesce(item.name, item.title), score: score, source: 'people',
    count: count
  }) AS items
}
RETURN $user AS subject, null AS name, u IS NOT NULL AS known,
       CASE WHEN vector IS NULL THEN null ELSE g.number END AS generation,
       CASE WHEN vector IS NULL THEN 'shared-items' ELSE 'people' END AS basis, items
